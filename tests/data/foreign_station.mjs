// A station of npm's `ocpp-rpc` in strict mode: every answer of the CSMS is held against the official schema.
// Arguments: where the package is installed, endpoint, identity, password, protocol, token.
// Charges once until it is told to stop; prints one JSON line for each answer, "ok" at the end.
import { createRequire } from "node:module";
import { join } from "node:path";

const [directory, endpoint, identity, password, protocol, token] = process.argv.slice(2);
const { RPCClient } = createRequire(join(directory, "package.json"))("ocpp-rpc");

const client = new RPCClient({
  endpoint, identity, password, protocols: [protocol], strictMode: true, reconnect: false, callTimeoutMs: 20000,
});
client.on("strictValidationFailure", ({ error }) => {
  console.error(`not by the schema: ${error.message} ${JSON.stringify(error.details)}`);
  process.exit(2);
});
const ago = (minutes) => new Date(Date.now() - minutes * 60000).toISOString();
const now = () => ago(0);
const say = async (action, payload) => {
  const answer = await client.call(action, payload);
  console.log(JSON.stringify([action, answer]));
  return answer;
};

let told;
const stopped = new Promise((resolve) => { told = resolve; });

async function charge16() {
  client.handle("RemoteStopTransaction", ({ params }) => { told(params.transactionId); return { status: "Accepted" }; });
  await client.connect();
  await say("BootNotification", { chargePointModel: "Any", chargePointVendor: "npm" });
  await say("StatusNotification", { connectorId: 1, errorCode: "NoError", status: "Preparing" });
  await say("Authorize", { idTag: token });
  const { transactionId } = await say("StartTransaction", { connectorId: 1, idTag: token, meterStart: 1000, timestamp: now() });
  const sampledValue = [{ value: "3500", context: "Sample.Periodic" }];
  await say("MeterValues", { connectorId: 1, transactionId, meterValue: [{ timestamp: now(), sampledValue }] });
  await say("Heartbeat", {});
  if (await stopped !== transactionId) throw new Error("told to stop another one");
  await say("StopTransaction", { transactionId, meterStop: 6000, timestamp: now(), reason: "Remote", idTag: token });
  await say("DataTransfer", { vendorId: "npm", data: "x" });
}

async function charge201() {
  client.handle("RequestStopTransaction", ({ params }) => { told(params.transactionId); return { status: "Accepted" }; });
  await client.connect();
  const idToken = { idToken: token, type: "ISO14443" };
  let seqNo = 0;
  // Five minutes between events: 30 kW, which is nothing to flag.
  const event = (eventType, triggerReason, wh, more = {}, info = {}) => say("TransactionEvent", {
    eventType, triggerReason, timestamp: ago(10 - 5 * seqNo), seqNo, transactionInfo: { transactionId: "npm-1", ...info },
    meterValue: [{ timestamp: ago(10 - 5 * seqNo++), sampledValue: [{ value: wh }] }], ...more,
  });
  await say("BootNotification", { reason: "PowerUp", chargingStation: { model: "Any", vendorName: "npm" } });
  await say("StatusNotification", { timestamp: now(), connectorStatus: "Occupied", evseId: 1, connectorId: 1 });
  await say("Authorize", { idToken });
  await event("Started", "Authorized", 1000, { idToken, evse: { id: 1, connectorId: 1 } });
  await event("Updated", "MeterValuePeriodic", 3500, {}, { chargingState: "Charging" });
  await say("Heartbeat", {});
  if (await stopped !== "npm-1") throw new Error("told to stop another one");
  await event("Ended", "RemoteStop", 6000, {}, { stoppedReason: "Remote" });
  await say("DataTransfer", { vendorId: "npm", data: "x" });
}

await (protocol === "ocpp1.6" ? charge16() : charge201());
await client.close();
console.log("ok");
