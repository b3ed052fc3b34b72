// Tells the server the browser's time zone, in a cookie. `changed`: this page was written for another one.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const cookie = `releve-zone=${encodeURIComponent(zone)}`;
const known = () => document.cookie.split("; ").includes(cookie);
const stale = Boolean(zone) && !known();

if (stale) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${cookie}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

export const changed = stale && known();
