-- One multipart upload again and again: wrk -s multipart.lua URL -- PICTURE [alone]
-- Prints what it saw as one line of JSON. wrk corrects its percentiles for late answers: of one that took 4 ms where 0.3
-- is usual it makes a dozen, of 4.0, 3.7, 3.4 ms and so on. With "alone", for a single connection, the answers' own times
-- are noted, too.
local ffi = require("ffi")
ffi.cdef("typedef struct { long seconds, nanoseconds; } moment; int clock_gettime(int, moment *);")
local CLOCK_MONOTONIC = 1
local moment = ffi.new("moment")
local threads = {}

local function milliseconds()
  ffi.C.clock_gettime(CLOCK_MONOTONIC, moment)
  return tonumber(moment.seconds) * 1e3 + tonumber(moment.nanoseconds) / 1e6
end

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
  times = {}
  if args[2] == "alone" then
    local upload = wrk.format()
    function request()
      sent = milliseconds()
      return upload
    end
  end
end

function response(status)
  if sent ~= nil then
    times[#times + 1] = milliseconds() - sent
  end
  if status == 503 then
    refused = refused + 1
  elseif status ~= 200 then
    failed = failed + 1
  end
end

function done(summary, latency)
  local refusals, failures, uncorrected = 0, 0, ""
  for _, thread in ipairs(threads) do
    refusals = refusals + thread:get("refused")
    failures = failures + thread:get("failed")
    local times = thread:get("times")
    if #times > 0 then
      table.sort(times)
      uncorrected = string.format(',"uncorrectedP99":%f', times[math.ceil(#times * 0.99)])
    end
  end
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"refused":%d,"failed":%d%s}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    refusals, failures + errors.connect + errors.read + errors.write + errors.timeout,
    uncorrected))
end
