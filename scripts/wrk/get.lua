-- Reads of scattered items that are all there. Requests are made once, before the clock runs.
local count = tonumber(os.getenv("ITEMS") or "10000")
local requests = {}
local turn = 0

function init(arguments)
    for index = 1, count do
        local key = string.format("item-%08d", (index * 7919) % count)
        requests[index] = wrk.format("GET", "/api/v1/tables/load/items/" .. key)
    end
end

function request()
    turn = turn % count + 1
    return requests[turn]
end
