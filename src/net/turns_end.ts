/** What is done once the code that runs now has come to its end. It must not throw. */
export interface Task {
  run(): void;
}

const tasks: Task[] = [];

/**
 * Runs `task` before anything else happens, but after what runs now: so that all that one turn brings
 * is done in one go. One microtask serves all.
 */
export function atTurnsEnd(task: Task): void {
  if (tasks.push(task) === 1) queueMicrotask(runAll);
}

function runAll(): void {
  for (let i = 0; i < tasks.length; i++) tasks[i]!.run(); // which may add some
  tasks.length = 0;
}
