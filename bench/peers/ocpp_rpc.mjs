// npm's `ocpp-rpc` with strict validation and Basic authentication, without any store, as its README shows it.
// Arguments: the directory in which it was installed, "strict" or "loose".
import { createRequire } from "node:module";
import { createHash, timingSafeEqual } from "node:crypto";
import { join } from "node:path";

const [directory, mode] = process.argv.slice(2);
const { RPCServer } = createRequire(join(directory, "package.json"))("ocpp-rpc");

const digest = (text) => createHash("sha256").update(text).digest();
const expected = (identity) => identity.padStart(20, "x").slice(-20);

const server = new RPCServer({
  protocols: ["ocpp1.6", "ocpp2.0.1"],
  strictMode: mode === "strict",
  respondWithDetailedErrors: true,
});
server.auth((accept, reject, handshake) => {
  const given = handshake.password ? handshake.password.toString() : "";
  if (timingSafeEqual(digest(given), digest(expected(handshake.identity)))) accept({});
  else reject(401, "no");
});
server.on("client", (client) => {
  const now = () => new Date().toISOString();
  client.handle("BootNotification", () => ({ status: "Accepted", interval: 300, currentTime: now() }));
  client.handle("StartTransaction", () => ({ transactionId: 1, idTagInfo: { status: "Accepted" } }));
  client.handle("MeterValues", () => ({}));
  client.handle("TransactionEvent", () => ({}));
});
const http = await server.listen(0, "127.0.0.1");
console.log(`READY ${http.address().port}`);
