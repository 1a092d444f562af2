-- wrk's script of the bench. With BENCH_UPLOAD_BYTES every request is a POST of that size; with BENCH_PATHS requests
-- go round the paths of that file. At the end it prints one line of JSON.

local upload = tonumber(os.getenv('BENCH_UPLOAD_BYTES') or '0')
if upload > 0 then
  wrk.method = 'POST'
  wrk.body = string.rep('x', upload)
end

local paths = os.getenv('BENCH_PATHS')
if paths then
  local requests, last = {}, 0
  function init()
    for path in io.lines(paths) do
      requests[#requests + 1] = wrk.format('GET', path)
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
