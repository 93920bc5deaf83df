-- One multipart upload again and again: wrk -s multipart.lua URL -- PICTURE
-- Prints what it saw as one line of JSON.
local statuses, threads = {}, {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local picture = file:read("*a")
  file:close()
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "multipart/form-data; boundary=bench"
  wrk.body = '--bench\r\nContent-Disposition: form-data; name="file"; filename="picture"\r\n'
    .. "Content-Type: application/octet-stream\r\n\r\n" .. picture .. "\r\n--bench--\r\n"
  refused = 0
  failed = 0
end

function response(status)
  if status == 503 then
    refused = refused + 1
  elseif status ~= 200 then
    failed = failed + 1
  end
end

function done(summary, latency)
  local refusals, failures = 0, 0
  for _, thread in ipairs(threads) do
    refusals = refusals + thread:get("refused")
    failures = failures + thread:get("failed")
  end
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"refused":%d,"failed":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    refusals, failures + errors.connect + errors.read + errors.write + errors.timeout))
end
