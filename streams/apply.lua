#!lua name=medpulse

-- A metric is a sum of contributions; a contribution belongs to an event. `medpulse_apply` takes back what an event gave
-- before, adds what it gives now and remembers it, in one step: a redelivery does nothing, a correction is a difference,
-- a retraction is a subtraction, and the order of arrival does not matter.
--
-- Amounts are strings: HINCRBY reads 64-bit integers, while a Lua number would round beyond 2^53.

local function negated(amount)
  if string.sub(amount, 1, 1) == '-' then return string.sub(amount, 2) end
  return '-' .. amount
end

local function add(prefix, event, contributions, back)
  for _, c in ipairs(contributions) do
    local name = c[1] .. ':' .. c[2]
    local series, index = prefix .. 's:' .. name, prefix .. 'i:' .. c[1]
    local left = redis.call('HINCRBY', series, c[3], back and negated(c[4]) or c[4])
    if left == 0 then
      redis.call('HDEL', series, c[3])
      if redis.call('EXISTS', series) == 0 then redis.call('SREM', index, c[2]) end
    else
      redis.call('SADD', index, c[2])
    end
    redis.call('HSET', prefix .. 'untold', name, event.serial .. '\n' .. event.stamp)
  end
end

-- What an event said before stays readable for people: its last `KEPT` bodies, the newest last.
local KEPT = 20

local function show(prefix, event)
  local before = redis.call('HGET', prefix .. 'events', event.id)
  if before and before ~= event.body then
    redis.call('RPUSH', prefix .. 'past:' .. event.id, before)
    redis.call('LTRIM', prefix .. 'past:' .. event.id, -KEPT, -1)
  end
  if event.body == '' then
    redis.call('HDEL', prefix .. 'events', event.id)
    redis.call('ZREM', prefix .. 'timeline', event.id)
    return
  end
  redis.call('HSET', prefix .. 'events', event.id, event.body)
  redis.call('ZADD', prefix .. 'timeline', event.score, event.id)
  for id, name in pairs(event.names) do redis.call('HSET', prefix .. 'entities', id, name) end
end

-- KEYS[1]: the hash of what was applied, whose name without "applied" is the prefix of the view.
-- ARGV[1]: JSON list of {id, order, score, body, names, stamp, contributions (JSON list of [metric, dims, field, amount])}.
-- Each event that is applied is noted under a serial number in `changes`, so that readers can follow.
-- Each series that changes is noted as untold, under a serial number, until somebody has published its value.
-- Answers, event by event, 1 where it was applied and 0 where this or a later order had been.
local function apply(keys, args)
  local memory = keys[1]
  local prefix = string.sub(memory, 1, -8)
  local answer = {}
  for i, event in ipairs(cjson.decode(args[1])) do
    local before = redis.call('HGET', memory, event.id)
    local cut = before and string.find(before, '\n', 1, true)
    if before and tonumber(string.sub(before, 1, cut - 1)) >= tonumber(event.order) then
      answer[i] = 0
    else
      event.serial = redis.call('INCR', prefix .. 'serial')
      redis.call('ZADD', prefix .. 'changes', event.serial, event.id)
      if before then add(prefix, event, cjson.decode(string.sub(before, cut + 1)), true) end
      add(prefix, event, cjson.decode(event.contributions), false)
      redis.call('HSET', memory, event.id, event.order .. '\n' .. event.contributions)
      show(prefix, event)
      answer[i] = 1
    end
  end
  return answer
end

-- KEYS[1], KEYS[2]: the hashes of untold series and of published values.
-- ARGV: series, note, value, series, note, value … A series that changed again since its note was read stays untold.
local function told(keys, args)
  for i = 1, #args, 3 do
    redis.call('HSET', keys[2], args[i], args[i + 2])
    if redis.call('HGET', keys[1], args[i]) == args[i + 1] then redis.call('HDEL', keys[1], args[i]) end
  end
  return #args / 3
end

-- KEYS: the hash of sightings of an event, one for each that is told (one may come twice).
-- ARGV: for each key its witness, revision, generation, and value: "revision generation gone", a line feed, the event.
-- The later of two values of a witness stays, and its generation never falls. Answers with all that is known of each event.
local function sight(keys, args)
  local answer = {}
  for i, key in ipairs(keys) do
    local witness, revision, generation, value = args[4 * i - 3], tonumber(args[4 * i - 2]), tonumber(args[4 * i - 1]), args[4 * i]
    local before = redis.call('HGET', key, witness)
    local old_revision, old_generation = -1, -1
    if before then
      local r, g = string.match(before, '^(%d+) (%d+) ')
      old_revision, old_generation = tonumber(r), tonumber(g)
    end
    if revision > old_revision or (revision == old_revision and generation > old_generation) then
      if old_generation > generation then
        value = string.gsub(value, '^(%d+) %d+ ', '%1 ' .. string.format('%d', old_generation) .. ' ', 1)
      end
      redis.call('HSET', key, witness, value)
    end
    answer[i] = redis.call('HGETALL', key)
  end
  return answer
end

-- KEYS: the hash of cards, the hash of notices, and the sorted set of each signature. ARGV: notice id, card, notice, how many.
-- Puts the card down under a serial number that it keeps for ever; answers with serial, card, serial, card … of those that
-- were put down before it under one of the signatures.
local function meet(keys, args)
  local id, most = args[1], tonumber(args[4])
  local before = redis.call('HGET', keys[1], id)
  local serial = before and tonumber(string.match(before, '^(%d+)\n')) or redis.call('HLEN', keys[1]) + 1
  redis.call('HSET', keys[1], id, string.format('%d', serial) .. '\n' .. args[2])
  redis.call('HSET', keys[2], id, args[3])
  local answer, found = {}, {}
  for i = 3, #keys do
    redis.call('ZADD', keys[i], serial, id)
    for _, other in ipairs(redis.call('ZRANGEBYSCORE', keys[i], '-inf', '(' .. string.format('%d', serial), 'LIMIT', 0, most)) do
      local card = not found[other] and redis.call('HGET', keys[1], other)
      if card then
        found[other] = true
        local cut = string.find(card, '\n', 1, true)
        table.insert(answer, string.sub(card, 1, cut - 1))
        table.insert(answer, string.sub(card, cut + 1))
      end
    end
  end
  return answer
end

redis.register_function('medpulse_meet', meet)
redis.register_function('medpulse_apply', apply)
redis.register_function('medpulse_sight', sight)
redis.register_function('medpulse_told', told)
