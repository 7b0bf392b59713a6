import { placeOf } from "./place.ts";
import { isBoundIn } from "./scope.ts";

/** Where authority may be taken. Everything else is handed its part of it. */
const AUTHORITY =
  /^(main(_\w+)?\.ts$|src\/env\/deno[^/]*\.ts$|(workers|tests|bench|std|lint|\.ci)\/)/;

const GLOBAL_OBJECTS: readonly string[] = ["globalThis", "self", "window"];
const THREADS_MODULES: readonly string[] = ["node:worker_threads", "worker_threads"];

const HINT =
  "Take the part of the Env that does it (net, clock, threads, cwd, vars) as an argument";

/** Reports `Deno`, `new Worker` and `node:worker_threads` where authority may not be taken. */
export const denoOnlyInEnv: Deno.lint.Rule = {
  create(context) {
    if (AUTHORITY.test(placeOf(context.filename))) return {};
    const reported = new Set<number>(); // `{ Deno }` is two identifiers in one place
    const report = (node: Deno.lint.Node, what: string) => {
      if (reported.has(node.range[0])) return;
      reported.add(node.range[0]);
      context.report({
        node,
        message: `Keep ${what} out of here: only main.ts, src/env/deno*.ts and workers/ may use it`,
        hint: HINT,
      });
    };
    const isGlobal = (node: Deno.lint.Identifier) =>
      !isBoundIn(context.sourceCode.getAncestors(node), node.name);
    const checkModule = (source: Deno.lint.Node | null | undefined) => {
      if (source?.type === "Literal" && THREADS_MODULES.includes(String(source.value))) {
        report(source, `"${source.value}"`);
      }
    };
    return {
      Identifier(node) {
        if (node.name === "Deno" && isReference(node) && isGlobal(node)) report(node, "Deno");
      },
      MemberExpression(node) {
        const name = memberOfGlobal(node);
        if (name === "Deno" || name === "Worker") report(node, name);
      },
      NewExpression({ callee }) {
        if (callee.type !== "Identifier" || callee.name !== "Worker") return;
        if (isGlobal(callee)) report(callee, "new Worker");
      },
      ImportDeclaration: (node) => checkModule(node.source),
      ImportExpression: (node) => checkModule(node.source),
      ExportAllDeclaration: (node) => checkModule(node.source),
      ExportNamedDeclaration: (node) => checkModule(node.source),
    };
  },
};

/** Whether an identifier stands for a variable, and is not just the name of a member. */
function isReference(node: Deno.lint.Identifier): boolean {
  const { parent } = node;
  switch (parent.type) {
    case "MemberExpression":
      return parent.computed || !isSame(parent.property, node);
    case "TSQualifiedName":
      return !isSame(parent.right, node);
    case "Property":
      return parent.shorthand || parent.computed || !isSame(parent.key, node);
    case "PropertyDefinition":
    case "MethodDefinition":
    case "TSPropertySignature":
      return parent.computed || !isSame(parent.key, node);
    case "TSMethodSignature":
    case "TSEnumMember":
    case "ImportSpecifier":
    case "ExportSpecifier":
    case "LabeledStatement":
      return false;
    default:
      return true;
  }
}

/** The name that `globalThis.name` or `globalThis["name"]` reads. */
function memberOfGlobal({ object, property, computed }: Deno.lint.MemberExpression) {
  if (object.type !== "Identifier" || !GLOBAL_OBJECTS.includes(object.name)) return undefined;
  if (!computed) return property.type === "Identifier" ? property.name : undefined;
  return property.type === "Literal" ? property.value : undefined;
}

function isSame(a: Deno.lint.Node, b: Deno.lint.Node): boolean {
  return a.range[0] === b.range[0] && a.range[1] === b.range[1];
}
