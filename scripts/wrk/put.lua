-- Durable writes to scattered items, 191 bytes each. Requests are made once, before the clock runs.
local count = tonumber(os.getenv("ITEMS") or "10000")
local requests = {}
local turn = 0

function init(arguments)
    for index = 1, count do
        local key = string.format("item-%08d", (index * 7919) % count)
        local head = string.format('{"number":%d,"fill":"', index)
        local body = head .. string.rep("p", 191 - #head - 2) .. '"}'
        requests[index] = wrk.format("PUT", "/api/v1/tables/load/items/" .. key, nil, body)
    end
end

function request()
    turn = turn % count + 1
    return requests[turn]
end
