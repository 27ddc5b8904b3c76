#!lua name=medpulse

-- A metric is a sum of contributions; a contribution belongs to an event. `medpulse_add` takes back what an event gave
-- before, adds what it gives now and remembers it, in one step: a redelivery does nothing, a correction is a difference,
-- a retraction is a subtraction, and the order of arrival does not matter.
--
-- A batch is worked out in tables first and written at its end, one command for many fields: each command has its price, here
-- and in the file that Redis appends to. Nobody sees Redis between the two.

-- Amounts are strings: HINCRBY reads 64-bit integers, while a Lua number would round beyond 2^53. A sum below `EXACT` is exact.
local EXACT = 2 ^ 50
local ARGS = 1000
local ONE_BY_ONE = 2

local function negated(amount)
  if string.sub(amount, 1, 1) == '-' then return string.sub(amount, 2) end
  return '-' .. amount
end

local function integer(number)
  return string.format('%.0f', number)
end

-- Some of a list, from a place on: as many as one command takes.
local function some(list, at)
  return unpack(list, at, math.min(at + ARGS - 1, #list))
end

-- One command with as many arguments as there are, some at a time.
local function many(command, key, args)
  for at = 1, #args, ARGS do redis.call(command, key, some(args, at)) end
end

-- The values of many fields of a hash, in their order; false where there is none.
local function values(key, fields)
  local found, count = {}, 0
  for at = 1, #fields, ARGS do
    for _, value in ipairs(redis.call('HMGET', key, some(fields, at))) do
      count = count + 1
      found[count] = value
    end
  end
  return found
end

-- Sums of one hash by field. `large` has, beside them, the amounts that would not stay exact.
local function sums()
  return {now = {}, large = {}}
end

local function sum(into, field, amount)
  local number, before = tonumber(amount), into.now[field] or 0
  local after = before + number
  if number > EXACT or number < -EXACT or after > EXACT or after < -EXACT then
    table.insert(into.large, {field, amount})
    after = before
  end
  into.now[field] = after
end

-- Adds the sums of one hash; fields that come to 0 go. Answers whether any went, whether any may be new, and how many more than
-- before are above 0.
local function settle(key, added)
  local fields, count, gone, large = {}, 0, {}, {}
  for _, one in ipairs(added.large) do
    redis.call('HINCRBY', key, one[1], one[2])
    large[one[1]] = true
  end
  for field, number in pairs(added.now) do
    if number ~= 0 or large[field] then
      count = count + 1
      fields[count] = field
    end
  end
  -- Many fields are read at once and written at once; a value that would not stay exact is left to HINCRBY.
  local before = count > ONE_BY_ONE and values(key, fields)
  local set, filled, fresh, more = {}, 0, false, 0
  for at = 1, count do
    local field = fields[at]
    local number = added.now[field]
    local was = before and (before[at] and tonumber(before[at]) or 0)
    local left
    if was and was <= EXACT and was >= -EXACT then
      left = was + number
      if left ~= 0 then
        set[filled + 1], set[filled + 2] = field, left
        filled = filled + 2
      end
    else
      left = redis.call('HINCRBY', key, field, number)
    end
    if left == 0 then table.insert(gone, field) end
    fresh = fresh or large[field] or left == number
    if left > 0 and left <= number then more = more + 1 end
    if left <= 0 and left > number then more = more - 1 end
  end
  many('HSET', key, set)
  many('HDEL', key, gone)
  return #gone > 0, fresh, more
end

-- The member of a field of a distinct, latest or fact series: its part of this number.
local function member(field, part)
  if part == 3 then return string.match(field, '^[^|]*|[^|]*|([^|]*)') end
  return string.match(field, '^[^|]*|([^|]*)')
end

-- The series of a metric and dimensions as far as this batch changes it.
local function series_of(work, metric, dims)
  local by_dims = work.metrics[metric]
  if not by_dims then
    by_dims = {}
    work.metrics[metric] = by_dims
  end
  local series = by_dims[dims]
  if not series then
    local part = work.parts[metric]
    series = {
      name = metric .. ':' .. dims, metric = metric, dims = dims, part = part, fields = sums(), members = part and sums(),
      last = 0,
    }
    by_dims[dims] = series
    table.insert(work.series, series)
  end
  return series
end

-- An amount that an event gives, the one at this place of the batch: into its series, and into what the cumulative value of that
-- is worked out from.
local function add(work, at, series, field, amount)
  sum(series.fields, field, amount)
  if series.part then
    sum(series.members, member(field, series.part), amount)
  else
    sum(work.totals, series.name, amount)
  end
  if at > series.last then series.last = at end
end

-- What an event gives, or, `back`, gave.
local function add_all(work, at, contributions, back)
  for _, c in ipairs(contributions) do
    add(work, at, series_of(work, c[1], c[2]), c[3], back and negated(c[4]) or c[4])
  end
end

-- What all events of a batch give together.
local function add_summed(work, summed)
  for metric, by_dims in pairs(summed) do
    for dims, given in pairs(by_dims) do
      local series = series_of(work, metric, dims)
      for i = 1, #given, 3 do add(work, given[i + 2], series, given[i], given[i + 1]) end
    end
  end
end

-- The cumulative value of each series is kept beside it, so that it is read without reading the series: a sum of amounts, or
-- how many members are told by one event at least.
local function write_series(prefix, work)
  for _, series in ipairs(work.series) do
    local key, index = prefix .. 's:' .. series.name, prefix .. 'i:' .. series.metric
    local emptied, fresh = settle(key, series.fields)
    if emptied and redis.call('EXISTS', key) == 0 then
      redis.call('SREM', index, series.dims)
    elseif fresh then
      redis.call('SADD', index, series.dims)
    end
    if series.part then
      local _, _, more = settle(prefix .. 'm:' .. series.name, series.members)
      if more ~= 0 then sum(work.totals, series.name, more) end
    end
  end
  settle(prefix .. 'totals', work.totals)
end

-- What an event said before stays readable for people: its last `KEPT` bodies, the newest last.
local KEPT = 20

local function show(prefix, kept, id, score, body, known)
  local before = kept.bodies[id]
  if before == nil and known then before = redis.call('HGET', prefix .. 'events', id) end
  if before and before ~= body then
    redis.call('RPUSH', prefix .. 'past:' .. id, before)
    redis.call('LTRIM', prefix .. 'past:' .. id, -KEPT, -1)
  end
  kept.scores[id] = score
  kept.bodies[id] = body ~= '' and body
end

-- The event at this place of the batch gets the next serial number.
local function enter(work, at, id)
  work.serial = work.serial + 1
  work.serials[at] = work.serial
  local count = #work.changes
  work.changes[count + 1], work.changes[count + 2] = work.serial, id
end

local function name(work, names)
  for at = 1, #names, 2 do work.entities[names[at]] = names[at + 1] end
end

-- The events of a batch, in lists as commands take them: id and body, score and id, id and what is remembered; and their stamps.
local function columns(batch, bytes)
  local sizes, bodies, timeline, applied, stamps, at = batch.sizes, {}, {}, {}, {}, 1
  for i, id in ipairs(batch.ids) do
    local body, given, stamp = sizes[3 * i - 2], sizes[3 * i - 1], sizes[3 * i]
    bodies[2 * i - 1], bodies[2 * i] = id, string.sub(bytes, at, at + body - 1)
    timeline[2 * i - 1], timeline[2 * i] = batch.scores[i], id
    at = at + body
    applied[2 * i - 1], applied[2 * i] = id, string.sub(bytes, at, at + given - 1)
    at = at + given
    stamps[i] = string.sub(bytes, at, at + stamp - 1)
    at = at + stamp
  end
  return {ids = batch.ids, names = batch.names, bodies = bodies, timeline = timeline, applied = applied, stamps = stamps}
end

-- Whether nothing is known of any event, none comes twice and none is retracted: nearly always.
local function all_new(batch, known)
  local met = {}
  for i, id in ipairs(batch.ids) do
    if known[i] or met[id] or batch.bodies[2 * i] == '' then return false end
    met[id] = true
  end
  return true
end

-- All events of a batch in which all are new.
local function apply_new(prefix, memory, work, batch, summed)
  local answer = {}
  for i, id in ipairs(batch.ids) do
    enter(work, i, id)
    name(work, batch.names[i])
    answer[i] = 1
  end
  add_summed(work, summed)
  many('HSET', prefix .. 'events', batch.bodies)
  many('ZADD', prefix .. 'timeline', batch.timeline)
  many('HSET', memory, batch.applied)
  return answer
end

-- What was worked out event by event.
local function write_events(prefix, memory, kept)
  local bodies, timeline, gone, applied = {}, {}, {}, {}
  for id, body in pairs(kept.bodies) do
    if body then
      table.insert(bodies, id)
      table.insert(bodies, body)
      table.insert(timeline, kept.scores[id])
      table.insert(timeline, id)
    else
      table.insert(gone, id)
    end
  end
  for id, given in pairs(kept.applied) do
    table.insert(applied, id)
    table.insert(applied, given)
  end
  many('HSET', prefix .. 'events', bodies)
  many('ZADD', prefix .. 'timeline', timeline)
  many('HDEL', prefix .. 'events', gone)
  many('ZREM', prefix .. 'timeline', gone)
  many('HSET', memory, applied)
end

-- The order of an event and what it gives, as they are remembered; nil where nothing is.
local function parted(remembered)
  if not remembered then return nil end
  local order, given = string.match(remembered, '^(%d+)\n(.*)$')
  return tonumber(order), given
end

-- The events of a batch one by one: what was known of one is taken back, an earlier order is left.
local function apply_each(prefix, memory, work, batch, known)
  local answer, kept = {}, {bodies = {}, scores = {}, applied = {}}
  for i, id in ipairs(batch.ids) do
    local now, before = batch.applied[2 * i], kept.applied[id] or known[i]
    local order, given = parted(now)
    local old_order, old_given = parted(before)
    if old_order and old_order >= order then
      answer[i] = 0
    else
      enter(work, i, id)
      if before then add_all(work, i, cjson.decode(old_given), true) end
      add_all(work, i, cjson.decode(given), false)
      local body = batch.bodies[2 * i]
      show(prefix, kept, id, batch.timeline[2 * i - 1], body, before)
      if body ~= '' then name(work, batch.names[i]) end
      kept.applied[id] = now
      answer[i] = 1
    end
  end
  write_events(prefix, memory, kept)
  return answer
end

-- What a batch changed besides: the serial numbers of its events, the names of entities, the series that nobody has told yet.
local function write_notes(prefix, work, stamps)
  local entities, untold = {}, {}
  for id, text in pairs(work.entities) do
    table.insert(entities, id)
    table.insert(entities, text)
  end
  for _, series in ipairs(work.series) do
    table.insert(untold, series.name)
    table.insert(untold, integer(work.serials[series.last]) .. '\n' .. stamps[series.last])
  end
  many('HSET', prefix .. 'entities', entities)
  many('HSET', prefix .. 'untold', untold)
  many('ZADD', prefix .. 'changes', work.changes)
end

-- KEYS[1]: the hash of what was applied, whose name without "applied" is the prefix of the view.
-- ARGV[1]: JSON, metric → part of its fields that names the member, where it counts members.
-- ARGV[2]: what the events give together, for a batch in which all are new: JSON, metric → dims → list of field, amount, position of
-- the last event that gives it, field, amount, position …
-- ARGV[3]: JSON, of each event its id (`ids`), its score (`scores`), a list of entity, name, entity … (`names`), and three sizes in
-- bytes (`sizes`, one after the other): of its body, empty where it is retracted; of what is remembered of it, which is its order, a
-- line feed, and what it gives as a JSON list of [metric, dims, field, amount]; of its stamp. ARGV[4]: these three of each event.
-- Each event that is applied is noted under a serial number in `changes`, so that readers can follow.
-- Each series that changes is noted as untold, under a serial number, until somebody has published its value.
-- Answers, event by event, 1 where it was applied and 0 where this or a later order had been.
local function add_events(keys, args)
  local memory = keys[1]
  local prefix = string.sub(memory, 1, -8)
  local first = tonumber(redis.call('GET', prefix .. 'serial') or 0)
  local work = {
    parts = cjson.decode(args[1]), metrics = {}, series = {}, totals = sums(),
    entities = {}, changes = {}, serial = first, serials = {},
  }
  local batch = columns(cjson.decode(args[3]), args[4])
  local known = values(memory, batch.ids)
  local answer
  if all_new(batch, known) then
    answer = apply_new(prefix, memory, work, batch, cjson.decode(args[2]))
  else
    answer = apply_each(prefix, memory, work, batch, known)
  end
  if work.serial > first then redis.call('INCRBY', prefix .. 'serial', work.serial - first) end
  write_series(prefix, work)
  write_notes(prefix, work, batch.stamps)
  return answer
end

-- KEYS: the hashes of untold series, of published values and of totals. ARGV: series, note, value, value published before, and
-- so on. A series that changed again since its note was read stays untold.
-- Where another worker has published one of its values meanwhile, nobody knows whose came last on the topic. Unless both say what is
-- true now, the wrong one counts as published and the series is untold again. Answers how many are.
local function tell(keys, args)
  local names, again, published, back, gone = {}, 0, {}, {}, {}
  for i = 1, #args, 4 do table.insert(names, args[i]) end
  local notes, others, totals = values(keys[1], names), values(keys[2], names), values(keys[3], names)
  for at, series in ipairs(names) do
    local note, ours, previous = args[4 * at - 2], args[4 * at - 1], tonumber(args[4 * at])
    local now, other = tonumber(totals[at] or 0), tonumber(others[at] or 0)
    local sure = other == previous or (other == now and tonumber(ours) == now)
    if sure or other == now then
      table.insert(published, series)
      table.insert(published, ours)
    end
    if not sure then
      again = again + 1
      if not notes[at] then
        table.insert(back, series)
        table.insert(back, note)
      end
    elseif notes[at] == note then
      table.insert(gone, series)
    end
  end
  many('HSET', keys[2], published)
  many('HSET', keys[1], back)
  many('HDEL', keys[1], gone)
  return again
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
    local witnesses = redis.call('HLEN', key)
    local before = witnesses > 0 and redis.call('HGET', key, who)
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
      witnesses = witnesses + redis.call('HSET', key, who, value)
    end
    if (kept or before == value) and witnesses == 1 then
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
-- Puts each card down under a serial number that it keeps for ever. Answers with a list of serial, card, serial, card …, and
-- after it, for each card put down, with the places in that list of those that were put down before it under one of its
-- signatures: where an office gives all its notices one title, they are the same ones again and again.
local function introduce(keys, args)
  local rows, most = cjson.decode(args[1]), tonumber(args[2])
  local ids = {}
  for at, one in ipairs(rows) do ids[at] = one[1] end
  local known, last = values(keys[1], ids), redis.call('HLEN', keys[1])
  local cards, place, put, serials = {}, {}, {}, {}

  local function place_of(id)
    if not place[id] then
      local card = put[id] or redis.call('HGET', keys[1], id)
      if not card then return nil end
      local cut = string.find(card, '\n', 1, true)
      table.insert(cards, string.sub(card, 1, cut - 1))
      table.insert(cards, string.sub(card, cut + 1))
      place[id] = #cards / 2
    end
    return place[id]
  end

  local answer = {cards}
  for at, one in ipairs(rows) do
    local id = one[1]
    local serial = serials[id] or known[at] and tonumber(string.match(known[at], '^(%d+)\n'))
    if not serial then
      last = last + 1
      serial = last
    end
    local number = string.format('%d', serial)
    serials[id], put[id], place[id] = serial, number .. '\n' .. one[2], nil
    local met, found = {}, {}
    for _, name in ipairs(one[3]) do
      local key = keys[2] .. name
      redis.call('ZADD', key, serial, id)
      for _, other in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', '(' .. number, 'LIMIT', 0, most)) do
        local where = not found[other] and place_of(other)
        if where then
          found[other] = true
          table.insert(met, where)
        end
      end
    end
    answer[at + 1] = met
  end
  local set = {}
  for id, card in pairs(put) do
    table.insert(set, id)
    table.insert(set, card)
  end
  many('HSET', keys[1], set)
  return answer
end

-- KEYS[1]: what every list of a notice's texts begins with. ARGV[1]: JSON list of [notice id, size]. ARGV[2]: the texts, one after
-- the other, each of `size` bytes. ARGV[3]: how many revisions stay. One that is kept already is not kept twice.
local function keep(keys, args)
  local at, most = 0, tonumber(args[3])
  for _, one in ipairs(cjson.decode(args[1])) do
    local key, text = keys[1] .. one[1], string.sub(args[2], at + 1, at + one[2])
    at = at + one[2]
    local some = redis.call('EXISTS', key) == 1
    if some then redis.call('LREM', key, 0, text) end
    redis.call('LPUSH', key, text)
    if some then redis.call('LTRIM', key, 0, most - 1) end
  end
  return at
end

-- What workers of an earlier epoch call: they wrote otherwise, and end here, before they commit.
local function earlier()
  return redis.error_reply('ERR a later version of medpulse has this Redis')
end

redis.register_function('medpulse_add', add_events)
redis.register_function('medpulse_tell', tell)
redis.register_function('medpulse_witness', witness)
redis.register_function('medpulse_weigh', weigh)
redis.register_function('medpulse_introduce', introduce)
redis.register_function('medpulse_keep', keep)
redis.register_function('medpulse_apply', earlier)
redis.register_function('medpulse_sight', earlier)
redis.register_function('medpulse_meet', earlier)
