/** As much of Eleventy as the build uses; it brings no types of its own. */
declare module "@11ty/eleventy" {
  export class Eleventy {
    constructor(input: string, output: string, options: { configPath: string });
    write(): Promise<void>;
  }
}
