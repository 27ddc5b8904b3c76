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

-- The member of a field of a distinct, latest or fact series: its part of this number.
local function member(field, part)
  if part == 3 then return string.match(field, '^[^|]*|[^|]*|([^|]*)') end
  return string.match(field, '^[^|]*|([^|]*)')
end

-- The cumulative value of each series is kept beside it, so that it is read without reading the series: a sum of amounts, or
-- how many members are told by one event at least. `parts` has the number of the member's part by metric.
local function total(prefix, name, c, amount, part)
  if not part then
    redis.call('HINCRBY', prefix .. 'totals', name, amount)
    return
  end
  local who = member(c[3], part)
  local now = redis.call('HINCRBY', prefix .. 'm:' .. name, who, amount)
  local before = now - tonumber(amount)
  if now == 0 then redis.call('HDEL', prefix .. 'm:' .. name, who) end
  if before <= 0 and now > 0 then redis.call('HINCRBY', prefix .. 'totals', name, 1) end
  if before > 0 and now <= 0 then redis.call('HINCRBY', prefix .. 'totals', name, -1) end
end

-- `untold` collects the series that changed, each with the event that changed it last.
local function add(prefix, event, contributions, back, parts, untold)
  for _, c in ipairs(contributions) do
    local name = c[1] .. ':' .. c[2]
    local series, amount = prefix .. 's:' .. name, back and negated(c[4]) or c[4]
    local left = redis.call('HINCRBY', series, c[3], amount)
    if left == 0 then
      redis.call('HDEL', series, c[3])
      if redis.call('EXISTS', series) == 0 then redis.call('SREM', prefix .. 'i:' .. c[1], c[2]) end
    elseif left == tonumber(amount) then
      redis.call('SADD', prefix .. 'i:' .. c[1], c[2])
    end
    total(prefix, name, c, amount, parts[c[1]])
    untold[name] = event
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
-- ARGV[1]: JSON list of {id, order, score, size, names, stamp, contributions (JSON list of [metric, dims, field, amount])}.
-- ARGV[2]: the bodies, one after the other, each of `size` bytes (0 of a retracted event). ARGV[3]: JSON, metric → part.
-- Each event that is applied is noted under a serial number in `changes`, so that readers can follow.
-- Each series that changes is noted as untold, under a serial number, until somebody has published its value.
-- Answers, event by event, 1 where it was applied and 0 where this or a later order had been.
local function count(keys, args)
  local memory, bodies, parts = keys[1], args[2], cjson.decode(args[3])
  local prefix = string.sub(memory, 1, -8)
  local answer, untold, at = {}, {}, 0
  for i, event in ipairs(cjson.decode(args[1])) do
    event.body = string.sub(bodies, at + 1, at + event.size)
    at = at + event.size
    local before = redis.call('HGET', memory, event.id)
    local cut = before and string.find(before, '\n', 1, true)
    if before and tonumber(string.sub(before, 1, cut - 1)) >= tonumber(event.order) then
      answer[i] = 0
    else
      event.serial = redis.call('INCR', prefix .. 'serial')
      redis.call('ZADD', prefix .. 'changes', event.serial, event.id)
      if before then add(prefix, event, cjson.decode(string.sub(before, cut + 1)), true, parts, untold) end
      add(prefix, event, cjson.decode(event.contributions), false, parts, untold)
      redis.call('HSET', memory, event.id, event.order .. '\n' .. event.contributions)
      show(prefix, event)
      answer[i] = 1
    end
  end
  for name, event in pairs(untold) do
    redis.call('HSET', prefix .. 'untold', name, string.format('%d', event.serial) .. '\n' .. event.stamp)
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

-- KEYS[1]: what every hash of sightings begins with. ARGV[1]: JSON list of [event id, witness, revision, generation, size].
-- ARGV[2]: for each its value, one after the other, each of `size` bytes: "revision generation gone", a line feed, the event.
-- The later of two values of a witness stays, and its generation never falls. Answers, for each, with 0 where its value was
-- kept as it came and the event has no other witness, else with all that is known of the event.
local function witness(keys, args)
  local answer, at = {}, 0
  for i, one in ipairs(cjson.decode(args[1])) do
    local key, who, revision, generation = keys[1] .. one[1], one[2], one[3], one[4]
    local value, kept = string.sub(args[2], at + 1, at + one[5]), false
    at = at + one[5]
    local before = redis.call('HGET', key, who)
    local old_revision, old_generation = -1, -1
    if before then
      local r, g = string.match(before, '^(%d+) (%d+) ')
      old_revision, old_generation = tonumber(r), tonumber(g)
    end
    if revision > old_revision or (revision == old_revision and generation > old_generation) then
      kept = old_generation <= generation
      if not kept then
        value = string.gsub(value, '^(%d+) %d+ ', '%1 ' .. string.format('%d', old_generation) .. ' ', 1)
      end
      redis.call('HSET', key, who, value)
    end
    if (kept or before == value) and redis.call('HLEN', key) == 1 then
      answer[i] = 0
    else
      answer[i] = redis.call('HGETALL', key)
    end
  end
  return answer
end

-- KEYS[1]: what every hash of sightings begins with. ARGV: ids of events.
-- Answers, for each, with the greatest revision, and the sum of revisions and generations, that its witnesses have told.
local function weigh(keys, args)
  local answer = {}
  for i, id in ipairs(args) do
    local revision, said = 0, 0
    for _, value in ipairs(redis.call('HVALS', keys[1] .. id)) do
      local r, g = string.match(value, '^(%d+) (%d+) ')
      revision, said = math.max(revision, tonumber(r)), said + tonumber(r) + tonumber(g)
    end
    answer[i] = {revision, said}
  end
  return answer
end

-- KEYS: the hash of cards, and what every sorted set of a signature begins with. ARGV[1]: JSON list of
-- [notice id, card, signatures]. ARGV[2]: how many others at most.
-- Puts each card down under a serial number that it keeps for ever; answers, for each, with serial, card, serial, card … of those
-- that were put down before it under one of the signatures.
local function meet(keys, args)
  local answer, most = {}, tonumber(args[2])
  for at, one in ipairs(cjson.decode(args[1])) do
    local id = one[1]
    local before = redis.call('HGET', keys[1], id)
    local serial = before and tonumber(string.match(before, '^(%d+)\n')) or redis.call('HLEN', keys[1]) + 1
    redis.call('HSET', keys[1], id, string.format('%d', serial) .. '\n' .. one[2])
    local met, found = {}, {}
    for _, name in ipairs(one[3]) do
      local key = keys[2] .. name
      redis.call('ZADD', key, serial, id)
      for _, other in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', '(' .. string.format('%d', serial), 'LIMIT', 0, most)) do
        local card = not found[other] and redis.call('HGET', keys[1], other)
        if card then
          found[other] = true
          local cut = string.find(card, '\n', 1, true)
          table.insert(met, string.sub(card, 1, cut - 1))
          table.insert(met, string.sub(card, cut + 1))
        end
      end
    end
    answer[at] = met
  end
  return answer
end

-- KEYS[1]: what every list of a notice's texts begins with. ARGV[1]: JSON list of [notice id, size]. ARGV[2]: the texts, one after
-- the other, each of `size` bytes. ARGV[3]: how many revisions stay. One that is kept already is not kept twice.
local function keep(keys, args)
  local at, most = 0, tonumber(args[3])
  for _, one in ipairs(cjson.decode(args[1])) do
    local key, text = keys[1] .. one[1], string.sub(args[2], at + 1, at + one[2])
    at = at + one[2]
    redis.call('LREM', key, 0, text)
    redis.call('LPUSH', key, text)
    redis.call('LTRIM', key, 0, most - 1)
  end
  return at
end

-- What workers of an earlier epoch call: they wrote otherwise, and end here, before they commit.
local function earlier()
  return redis.error_reply('ERR a later version of medpulse has this Redis')
end

redis.register_function('medpulse_count', count)
redis.register_function('medpulse_told', told)
redis.register_function('medpulse_witness', witness)
redis.register_function('medpulse_weigh', weigh)
redis.register_function('medpulse_meet_all', meet)
redis.register_function('medpulse_keep', keep)
redis.register_function('medpulse_apply', earlier)
redis.register_function('medpulse_sight', earlier)
redis.register_function('medpulse_meet', earlier)
