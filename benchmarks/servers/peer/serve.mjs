// PostGraphile 5 with its Amber preset over the views of views.sql, as it is run in production:
// no watching, no GraphiQL, no web sockets, one process, a pool of ten connections.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { jsonPgSmartTags } from "postgraphile/utils";

const tags = JSON.parse(readFileSync(new URL("tags.json", import.meta.url), "utf8"));
const service = makePgService({
  connectionString: process.env.PEER_READER_URL,
  schemas: ["peer"],
  poolConfig: { max: 10 },
});
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [jsonPgSmartTags(tags)],
  pgServices: [service],
  grafserv: { graphiql: false, watch: false, websockets: false },
  grafast: { explain: false },
});

const server = createServer();
server.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
await instance.createServ(grafserv).addTo(server);
await instance.getSchema();
server.listen(Number(process.env.PORT), "127.0.0.1");
