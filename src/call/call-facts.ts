import { defined } from "../defined.js";
import { fieldOf } from "../refusal/wrapped.js";
import type { CallFacts, S3Place } from "../resolve/call-facts.js";
import { guardrailHolder } from "../resolve/guardrail-arn.js";
import { operationOf } from "./command.js";

// What a command's input contains that is authorized in addition to the model, or that sets a condition key. Only
// identifiers are kept. Loaded with the first denial, or the first preflight.

/**
 * Returns the facts of a command. Undefined if it has no input. Never throws. If a part can't be read, nothing in it
 * counts as absent.
 */
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
      ...defined({ guardrail, serviceTier, output, invocationArn }),
      ...(systemTools.length > 0 ? { systemTools } : {}),
      ...(s3Objects.length > 0 ? { s3Objects } : {}),
      ...(tags.length > 0 ? { tags } : {}),
      ...(unread.length > 0 ? { unread } : {}),
    };
  }

  #field(name: string): unknown {
    return strictFieldOf(this.#input, name);
  }

  #text(name: string): string | undefined {
    return stringOrUndefined(this.#field(name));
  }

  #guardrail(): CallFacts["guardrail"] {
    const holder = guardrailHolder(this.#input);
    const provided = strictFieldOf(holder, "guardrailIdentifier");
    if (provided === undefined || provided === null || provided === "") return undefined;
    const identifier = stringOrUndefined(provided);
    if (identifier === undefined) {
      this.#unread.add("guardrail");
      return undefined;
    }
    const version = stringOrUndefined(strictFieldOf(holder, "guardrailVersion"));
    return { identifier, ...defined({ version }) };
  }

  /** In InvokeModel, it is a string. In Converse, it is `{ type }`. */
  #serviceTier(): string | undefined {
    const provided = this.#field("serviceTier");
    if (provided === undefined || provided === null || provided === "") return undefined;
    const tier = stringOrUndefined(provided) ?? stringOrUndefined(strictFieldOf(provided, "type"));
    if (tier === undefined) this.#unread.add("service-tier");
    return tier;
  }

  #systemTools(): string[] {
    const names = this.#list(strictFieldOf(this.#field("toolConfig"), "tools")).flatMap((tool) => {
      const systemTool = strictFieldOf(tool, "systemTool");
      return systemTool === undefined ? [] : [stringOrUndefined(strictFieldOf(systemTool, "name")) ?? ""];
    });
    return [...new Set(names)];
  }

  #s3Objects(): S3Place[] {
    const converse = strictFieldOf(this.#field("input"), "converse");
    const blocks = [this.#input, converse].flatMap((each) => [
      ...this.#list(strictFieldOf(each, "messages")).flatMap((message) =>
        this.#list(strictFieldOf(message, "content")),
      ),
      ...this.#list(strictFieldOf(each, "system")),
    ]);
    const found = blocks.flatMap((block) => this.#placesIn(block));
    if (this.#operation === "StartAsyncInvoke") found.push(...this.#placesInDocument(this.#field("modelInput")));
    // AWS doesn't document whether a model reads what these fields refer to.
    const additional = [this.#input, converse].map((each) => strictFieldOf(each, "additionalModelRequestFields"));
    if (additional.some((each) => this.#placesInDocument(each).length > 0)) this.#unread.add("body");
    return [...new Map(found.map((place) => [`${place.uri} ${place.bucketOwner}`, place])).values()];
  }

  /** Returns the S3 objects of one content block: an image, a document, a video or audio, also in a tool's result. */
  #placesIn(block: unknown, isInResult = false): S3Place[] {
    if (typeof block !== "object" || block === null) return [];
    return Object.keys(block).flatMap((kind) => {
      const content = strictFieldOf(block, kind);
      const found = this.#placesAt(strictFieldOf(strictFieldOf(content, "source"), "s3Location"));
      if (kind !== "toolResult") return found;
      // A tool's result can't contain another tool's result.
      if (isInResult) this.#unread.add("body");
      else found.push(...this.#list(strictFieldOf(content, "content")).flatMap((inner) => this.#placesIn(inner, true)));
      return found;
    });
  }

  /** A document has another form for each model, so it may refer to Amazon S3 anywhere. */
  #placesInDocument(document: unknown): S3Place[] {
    const found: S3Place[] = [];
    let left = MOST_NODES;
    const walk = (value: unknown, depth: number): void => {
      if (typeof value === "string" && value.startsWith("s3://")) this.#unread.add("body");
      if (typeof value !== "object" || value === null) return;
      left -= 1;
      if (left < 0 || depth > MOST_DEPTH) {
        this.#unread.add("body");
        return;
      }
      for (const key of Object.keys(value)) {
        const inside = strictFieldOf(value, key);
        if (key === "systemTool") this.#unread.add("body");
        if (key === "s3Location") found.push(...this.#placesAt(inside));
        else walk(inside, depth + 1);
      }
    };
    walk(document, 0);
    return found;
  }

  #placesAt(location: unknown): S3Place[] {
    if (location === undefined || location === null) return [];
    const uri = stringOrUndefined(strictFieldOf(location, "uri"));
    const bucketOwner = stringOrUndefined(strictFieldOf(location, "bucketOwner"));
    if (uri !== undefined) return [{ uri, ...(bucketOwner ? { bucketOwner } : {}) }];
    this.#unread.add("body");
    return [];
  }

  #output(): CallFacts["output"] {
    const config = strictFieldOf(this.#field("outputDataConfig"), "s3OutputDataConfig");
    const uri = stringOrUndefined(strictFieldOf(config, "s3Uri"));
    if (uri === undefined) return undefined;
    const [bucketOwner, kmsKeyId] = [
      stringOrUndefined(strictFieldOf(config, "bucketOwner")),
      stringOrUndefined(strictFieldOf(config, "kmsKeyId")),
    ];
    return { uri, ...(bucketOwner ? { bucketOwner } : {}), ...(kmsKeyId ? { kmsKeyId } : {}) };
  }

  #tags(): { key: string; value: string }[] {
    return this.#list(this.#field("tags"), "tags").flatMap((tag) => {
      const [key, value] = [
        stringOrUndefined(strictFieldOf(tag, "key")),
        stringOrUndefined(strictFieldOf(tag, "value")),
      ];
      if (key !== undefined && value !== undefined) return [{ key, value }];
      this.#unread.add("tags");
      return [];
    });
  }

  /** Searches a body, without parsing it, for the names of what would have to be authorized. */
  #readBody(): void {
    const counted = strictFieldOf(this.#field("input"), "invokeModel");
    const bodies = [this.#input, counted].map((each) => strictFieldOf(each, "body"));
    if (!bodies.every(isWithoutReferences)) this.#unread.add("body");
  }

  #list(value: unknown, what: Unread = "body"): unknown[] {
    if (Array.isArray(value)) return value;
    if (value !== undefined && value !== null) this.#unread.add(what);
    return [];
  }
}

const stringOrUndefined = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** Unlike `fieldOf`, it throws if a getter throws. A field that can't be read isn't known to be absent. */
const strictFieldOf = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;

/** The longest part of a document that is searched, in nodes. */
const MOST_NODES = 10_000;
const MOST_DEPTH = 20;

/**
 * Strings in a body that refers to Amazon S3 or to a system tool. They include ASCII characters in the form of
 * `\u0073`.
 */
const REFERENCES = ["s3Location", "s3:/", "s3:\\/", "systemTool", ...[2, 3, 4, 5, 6, 7].map((high) => `\\u00${high}`)];

function isWithoutReferences(body: unknown): boolean {
  if (body === undefined || body === null) return true;
  if (typeof body === "string") return !REFERENCES.some((text) => body.includes(text));
  if (!ArrayBuffer.isView(body)) return false;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return !REFERENCES.some((text) => bytes.includes(text));
}
