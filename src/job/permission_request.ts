/** What a job may ask for, kind by kind, with values as Deno takes them; `true` asks for all. */
export interface PermissionRequest {
  /** Hosts to connect to or to listen on: `example.com`, `10.0.0.1:5432`. */
  readonly net?: true | readonly string[];

  /** Files and folders to read, as absolute paths. */
  readonly read?: true | readonly string[];

  /** Files and folders to write, as absolute paths. */
  readonly write?: true | readonly string[];

  /** Environment variables. */
  readonly env?: true | readonly string[];

  /** Programs to run. */
  readonly run?: true | readonly string[];

  /** Native libraries to load. */
  readonly ffi?: true | readonly string[];

  /** What to learn of the machine: `hostname`, `cpus`. */
  readonly sys?: true | readonly string[];

  /** Hosts to import code from. */
  readonly import?: true | readonly string[];
}
