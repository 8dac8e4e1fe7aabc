import { answers } from "./offline.mjs";

console.log(JSON.stringify(answers()));
