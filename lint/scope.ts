type Node = Deno.lint.Node | Deno.lint.Parameter;

/** Whether one of `ancestors` binds `name`, so that inside of them it does not mean the global. */
export function isBoundIn(ancestors: readonly Node[], name: string): boolean {
  return ancestors.some((node) => namesBoundBy(node).has(name));
}

/** The names that a node binds for what is inside of it. */
function namesBoundBy(node: Node): Set<string> {
  switch (node.type) {
    case "Program":
    case "BlockStatement":
    case "StaticBlock":
    case "TSModuleBlock":
      return namesIn(node.body.flatMap(bindingsOfStatement));
    case "SwitchCase":
      return namesIn(node.consequent.flatMap(bindingsOfStatement));
    case "ForStatement":
      return namesIn(node.init ? bindingsOfStatement(node.init) : []);
    case "ForInStatement":
    case "ForOfStatement":
      return namesIn(bindingsOfStatement(node.left));
    case "FunctionDeclaration":
    case "FunctionExpression":
      return namesIn([...node.params, ...(node.id ? [node.id] : [])]);
    case "ArrowFunctionExpression":
      return namesIn(node.params);
    case "ClassExpression":
      return namesIn(node.id ? [node.id] : []);
    case "CatchClause":
      return namesIn(node.param ? [node.param] : []);
    default:
      return new Set();
  }
}

/** The patterns and names that a statement binds in the block it stands in. */
function bindingsOfStatement(node: Node): Node[] {
  switch (node.type) {
    case "VariableDeclaration":
      return node.declarations.map(({ id }) => id);
    case "FunctionDeclaration":
    case "ClassDeclaration":
    case "TSEnumDeclaration":
      return node.id ? [node.id] : [];
    case "ImportDeclaration":
      return node.specifiers.map(({ local }) => local);
    case "ExportNamedDeclaration":
      return node.declaration ? bindingsOfStatement(node.declaration) : [];
    default:
      return [];
  }
}

function namesIn(patterns: readonly Node[]): Set<string> {
  return new Set(patterns.flatMap(namesInPattern));
}

function namesInPattern(pattern: Node): string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap(namesInPattern);
    case "Property":
      return namesInPattern(pattern.value);
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => element ? namesInPattern(element) : []);
    case "AssignmentPattern":
      return namesInPattern(pattern.left);
    case "RestElement":
      return namesInPattern(pattern.argument);
    case "TSParameterProperty":
      return namesInPattern(pattern.parameter);
    default:
      return [];
  }
}
