import { fieldOf } from "../refusal/wrapped.js";
import type { CallFacts, S3Place } from "../resolve/call-facts.js";
import { operationOf } from "./command.js";

// What a command's input contains that is authorized in addition to the model, or sets a condition key. Only identifiers
// are kept. Loaded with the first denial, or the first preflight.

/** The facts of a command; undefined if it has no input. Never throws. */
export function callFactsOf(command: unknown): CallFacts | undefined {
  const input = fieldOf(command, "input");
  if (typeof input !== "object" || input === null) return undefined;
  try {
    return new InputReader(input, operationOf(command)).facts();
  } catch {
    return { unread: ["body", "guardrail", "service-tier", "tags"] };
  }
}

type Unread = NonNullable<CallFacts["unread"]>[number];

class InputReader {
  readonly #input: object;
  readonly #operation: string;
  readonly #unread = new Set<Unread>();

  constructor(input: object, operation: string) {
    this.#input = input;
    this.#operation = operation;
  }

  facts(): CallFacts {
    const guardrail = this.#guardrail();
    const serviceTier = this.#serviceTier();
    const systemTools = this.#systemTools();
    const s3Objects = this.#s3Objects();
    const output = this.#output();
    const tags = this.#tags();
    const invocationArn = this.#text("invocationArn");
    this.#readBody();
    const unread = [...this.#unread];
    return {
      ...(guardrail ? { guardrail } : {}),
      ...(serviceTier === undefined ? {} : { serviceTier }),
      ...(systemTools.length > 0 ? { systemTools } : {}),
      ...(s3Objects.length > 0 ? { s3Objects } : {}),
      ...(output ? { output } : {}),
      ...(tags.length > 0 ? { tags } : {}),
      ...(invocationArn === undefined ? {} : { invocationArn }),
      ...(unread.length > 0 ? { unread } : {}),
    };
  }

  #field(name: string): unknown {
    return fieldOf(this.#input, name);
  }

  #text(name: string): string | undefined {
    return textOf(this.#field(name));
  }

  /** InvokeModel and ApplyGuardrail have it at the top, Converse in `guardrailConfig`. */
  #guardrail(): CallFacts["guardrail"] {
    const holder = this.#field("guardrailConfig") ?? this.#input;
    const given = fieldOf(holder, "guardrailIdentifier");
    if (given === undefined || given === null || given === "") return undefined;
    const identifier = textOf(given);
    if (identifier === undefined) {
      this.#unread.add("guardrail");
      return undefined;
    }
    const version = textOf(fieldOf(holder, "guardrailVersion"));
    return { identifier, ...(version === undefined ? {} : { version }) };
  }

  /** InvokeModel has a text, Converse `{ type }`. */
  #serviceTier(): string | undefined {
    const given = this.#field("serviceTier");
    if (given === undefined || given === null || given === "") return undefined;
    const tier = textOf(given) ?? textOf(fieldOf(given, "type"));
    if (tier === undefined) this.#unread.add("service-tier");
    return tier;
  }

  #systemTools(): string[] {
    const names = listOf(fieldOf(this.#field("toolConfig"), "tools")).flatMap((tool) => {
      const systemTool = fieldOf(tool, "systemTool");
      return systemTool === undefined ? [] : [textOf(fieldOf(systemTool, "name")) ?? ""];
    });
    return [...new Set(names)];
  }

  #s3Objects(): S3Place[] {
    const converse = fieldOf(this.#field("input"), "converse");
    const blocks = [this.#input, converse].flatMap((each) => [
      ...listOf(fieldOf(each, "messages")).flatMap((message) => listOf(fieldOf(message, "content"))),
      ...listOf(fieldOf(each, "system")),
    ]);
    const found = blocks.flatMap((block) => placesIn(block, 0));
    if (this.#operation === "StartAsyncInvoke") found.push(...this.#placesInDocument(this.#field("modelInput")));
    return [...new Map(found.map((place) => [`${place.uri} ${place.bucketOwner}`, place])).values()];
  }

  /** `modelInput` has another form for each model: it may refer to Amazon S3 anywhere. */
  #placesInDocument(document: unknown): S3Place[] {
    const found: S3Place[] = [];
    let left = MOST_NODES;
    const walk = (value: unknown, depth: number): void => {
      if (typeof value !== "object" || value === null) return;
      left -= 1;
      if (left < 0 || depth > MOST_DEPTH) {
        this.#unread.add("body");
        return;
      }
      for (const key of keysOf(value)) {
        const inside = fieldOf(value, key);
        const place = key === "s3Location" ? placeOf(inside) : undefined;
        if (place) found.push(place);
        else walk(inside, depth + 1);
      }
    };
    walk(document, 0);
    return found;
  }

  #output(): CallFacts["output"] {
    const config = fieldOf(this.#field("outputDataConfig"), "s3OutputDataConfig");
    const uri = textOf(fieldOf(config, "s3Uri"));
    if (uri === undefined) return undefined;
    const [bucketOwner, kmsKeyId] = [textOf(fieldOf(config, "bucketOwner")), textOf(fieldOf(config, "kmsKeyId"))];
    return { uri, ...(bucketOwner ? { bucketOwner } : {}), ...(kmsKeyId ? { kmsKeyId } : {}) };
  }

  #tags(): { key: string; value: string }[] {
    return listOf(this.#field("tags")).flatMap((tag) => {
      const [key, value] = [textOf(fieldOf(tag, "key")), textOf(fieldOf(tag, "value"))];
      if (key !== undefined && value !== undefined) return [{ key, value }];
      this.#unread.add("tags");
      return [];
    });
  }

  /** A body isn't parsed: it is searched for the names of what would have to be authorized. */
  #readBody(): void {
    if (!isWithoutReferences(this.#field("body"))) this.#unread.add("body");
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** More of a document isn't looked at. */
const MOST_NODES = 10_000;
const MOST_DEPTH = 20;

const keysOf = (value: object): string[] => {
  try {
    return Object.keys(value);
  } catch {
    return [];
  }
};

/** The S3 objects of one content block: an image, a document, a video or audio, also in a tool's result. */
function placesIn(block: unknown, depth: number): S3Place[] {
  if (typeof block !== "object" || block === null || depth > 2) return [];
  return keysOf(block).flatMap((kind) => {
    const content = fieldOf(block, kind);
    const place = placeOf(fieldOf(fieldOf(content, "source"), "s3Location"));
    if (place) return [place];
    return kind === "toolResult"
      ? listOf(fieldOf(content, "content")).flatMap((inner) => placesIn(inner, depth + 1))
      : [];
  });
}

function placeOf(location: unknown): S3Place | undefined {
  const uri = textOf(fieldOf(location, "uri"));
  if (uri === undefined) return undefined;
  const bucketOwner = textOf(fieldOf(location, "bucketOwner"));
  return { uri, ...(bucketOwner ? { bucketOwner } : {}) };
}

/** What a body contains if it refers to Amazon S3 or to a system tool; also ASCII characters in the form of `\u0073`. */
const REFERENCES = [
  "s3Location",
  "s3://",
  "s3:\\/\\/",
  "systemTool",
  ...[2, 3, 4, 5, 6, 7].map((high) => `\\u00${high}`),
];

function isWithoutReferences(body: unknown): boolean {
  if (body === undefined || body === null) return true;
  if (typeof body === "string") return !REFERENCES.some((text) => body.includes(text));
  if (!ArrayBuffer.isView(body)) return false;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return !REFERENCES.some((text) => bytes.includes(text));
}
