/** What does the work, under the name that the result knows it by. */
export interface Named<Server> {
  server: Server;
  subject: string;
  seed: string;
}
