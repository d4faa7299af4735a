-- Reads or durable writes (METHOD) of scattered items that are all there, 191 bytes each, with CONSISTENCY if it is
-- given. Threads take the HOSTS by turns when there are any. Requests are made once, before the clock runs.
local method = os.getenv("METHOD") or "GET"
local count = tonumber(os.getenv("ITEMS") or "10000")
local query = os.getenv("CONSISTENCY") and "?consistency=" .. os.getenv("CONSISTENCY") or ""
local hosts = {}
local threads = 0
local requests = {}
local turn = 0

for host in (os.getenv("HOSTS") or ""):gmatch("%S+") do
    hosts[#hosts + 1] = host
end

function setup(thread)
    if #hosts > 0 then
        local name, port = hosts[threads % #hosts + 1]:match("^(.*):(%d+)$")
        thread.addr = wrk.lookup(name, port)[1]
    end
    -- Each thread begins elsewhere, or all would ask for the same item at the same time.
    thread:set("first", threads * 2711)
    threads = threads + 1
end

function init(arguments)
    turn = first
    for index = 1, count do
        local key = string.format("item-%08d", (index * 7919) % count)
        local body
        if method == "PUT" then
            local head = string.format('{"number":%d,"fill":"', index)
            body = head .. string.rep("p", 191 - #head - 2) .. '"}'
        end
        requests[index] = wrk.format(method, "/api/v1/tables/load/items/" .. key .. query, nil, body)
    end
end

function request()
    turn = turn % count + 1
    return requests[turn]
end
