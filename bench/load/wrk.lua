-- wrk's script of the bench. With BENCH_UPLOAD_BYTES every request is a POST of that size; with BENCH_PATHS requests
-- go round the paths of that file; with BENCH_TOKENS round the bearer tokens of that one, with BENCH_FIELDS round its lines
-- of header fields, all for the path of the URL.
-- At the end it prints one line of JSON.

local upload = tonumber(os.getenv('BENCH_UPLOAD_BYTES') or '0')
if upload > 0 then
  wrk.method = 'POST'
  wrk.body = string.rep('x', upload)
end

local paths, tokens = os.getenv('BENCH_PATHS'), os.getenv('BENCH_TOKENS')
local fields = os.getenv('BENCH_FIELDS')
if paths or tokens or fields then
  local requests, last = {}, 0
  function init()
    if paths then
      for path in io.lines(paths) do
        requests[#requests + 1] = wrk.format('GET', path)
      end
    elseif fields then
      for line in io.lines(fields) do
        local headers = {}
        for name, value in line:gmatch('([^:\t]+): ([^\t]+)') do
          headers[name] = value
        end
        requests[#requests + 1] = wrk.format('GET', nil, headers)
      end
    else
      for token in io.lines(tokens) do
        requests[#requests + 1] = wrk.format('GET', nil, { Authorization = 'Bearer ' .. token })
      end
    end
  end
  function request()
    last = last % #requests + 1
    return requests[last]
  end
end

function done(summary)
  local e = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"bytes":%d,"micros":%d,"failed":%d,"refused":%d}\n',
    summary.requests, summary.bytes, summary.duration,
    e.connect + e.read + e.write + e.timeout, e.status))
end
