-- Reads or overwrites (METHOD) existing items of 191 bytes in a scattered order, with CONSISTENCY if it is set. Threads
-- use the HOSTS in turn if there are any. All requests are built once, before the measurement.
local method = os.getenv("METHOD") or "GET"
local count = tonumber(os.getenv("ITEMS") or "10000")
local query = os.getenv("CONSISTENCY") and "?consistency=" .. os.getenv("CONSISTENCY") or ""
local hosts = {}
local threads = 0
local requests = {}
local index = 0

for host in (os.getenv("HOSTS") or ""):gmatch("%S+") do
    hosts[#hosts + 1] = host
end

function setup(thread)
    if #hosts > 0 then
        local name, port = hosts[threads % #hosts + 1]:match("^(.*):(%d+)$")
        thread.addr = wrk.lookup(name, port)[1]
    end
    -- Threads start at different items, so that they do not request the same item at the same time.
    thread:set("first", threads * 2711)
    threads = threads + 1
end

function init(arguments)
    index = first
    for number = 1, count do
        local key = string.format("item-%08d", (number * 7919) % count)
        local body
        if method == "PUT" then
            local head = string.format('{"number":%d,"fill":"', number)
            body = head .. string.rep("p", 191 - #head - 2) .. '"}'
        end
        requests[number] = wrk.format(method, "/api/v1/tables/load/items/" .. key .. query, nil, body)
    end
end

function request()
    index = index % count + 1
    return requests[index]
end
