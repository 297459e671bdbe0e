package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"intakebot/internal/failpoint"
	"intakebot/outbox"
)

// DraftsOptions are the settings of the drafts' store.
type DraftsOptions struct {
	// URL is redis://, rediss:// or one of these in go-redis's failover form
	// for Sentinel (…?master_name=NAME&addr=HOST:PORT); "" is an embedded
	// store that forgets everything when the process ends.
	URL string
	// Prefix stands in every key after "intakebot:", for several bots on one
	// Redis; it may be "".
	Prefix string
	// TTL is how long a draft is kept after its last write; at least a
	// millisecond.
	TTL time.Duration
	// Logger hears what go-redis has to say, at debug level; nil drops it.
	// go-redis knows one logger in a process: the last one counts.
	Logger *slog.Logger
	// Now is the clock for the ends of drafts; nil is time.Now.
	Now func() time.Time
	// Observe hears how long Redis takes; nil for nobody.
	Observe Observer
}

// Drafts is the live conversation of every chat. Its methods may be called
// from any number of goroutines.
type Drafts struct {
	client   *redis.Client
	embedded *miniredis.Miniredis // nil when Redis is a server
	ttl      time.Duration
	now      func() time.Time
	prefix   string
	ends     string // the key of the sorted set: chat by the draft's end
}

// OpenDrafts prepares the store. It does not wait for Redis, which may be away
// at the start: only settings that cannot work are an error. No error of
// Drafts holds the URL or its password.
func OpenDrafts(_ context.Context, opts DraftsOptions) (*Drafts, error) {
	if opts.TTL < time.Millisecond {
		return nil, fmt.Errorf("open the drafts: they cannot be kept for %v", opts.TTL)
	}
	d := &Drafts{ttl: opts.TTL, now: opts.Now, prefix: "intakebot:" + opts.Prefix}
	d.ends = d.prefix + "drafts"
	if d.now == nil {
		d.now = time.Now
	}
	redis.SetLogger(redisLog{opts.Logger})
	if opts.URL == "" {
		d.client, d.embedded = embedded()
	} else {
		client, err := connectRedis(opts.URL)
		if err != nil {
			return nil, fmt.Errorf("open the drafts: %w", err)
		}
		d.client = client
	}
	if opts.Observe != nil {
		d.client.AddHook(redisTimes{opts.Observe})
	}
	return d, nil
}

// Embedded says whether drafts are kept in this process only.
func (d *Drafts) Embedded() bool { return d.embedded != nil }

// Close closes the connections; the embedded store is gone with it.
func (d *Drafts) Close() error {
	err := d.client.Close()
	if d.embedded != nil {
		d.embedded.Close()
	}
	return err
}

func (d *Drafts) key(chat int64) string { return d.prefix + "draft:" + strconv.FormatInt(chat, 10) }

// Load returns the draft of a chat. Without one it has no Data; its Rev is what
// the next Save has to expect all the same.
func (d *Drafts) Load(ctx context.Context, chat int64) (outbox.SavedDraft, error) {
	values, err := d.client.HMGet(ctx, d.key(chat), "data", "rev", "end").Result()
	if err != nil {
		return outbox.SavedDraft{}, fmt.Errorf("load the draft of %d: %w", chat, err)
	}
	draft, err := parseDraft(values)
	if err != nil {
		return outbox.SavedDraft{}, fmt.Errorf("load the draft of %d: %w", chat, err)
	}
	return draft, nil
}

func parseDraft(values []any) (outbox.SavedDraft, error) {
	if len(values) != 3 || values[1] == nil {
		return outbox.SavedDraft{}, nil
	}
	var texts [3]string
	for i, v := range values {
		texts[i], _ = v.(string)
	}
	rev, err := strconv.ParseInt(texts[1], 10, 64)
	if err != nil {
		return outbox.SavedDraft{}, errors.New("the revision is no number")
	}
	if texts[0] == "" {
		return outbox.SavedDraft{Rev: rev}, nil
	}
	end, err := strconv.ParseInt(texts[2], 10, 64)
	if err != nil {
		return outbox.SavedDraft{}, errors.New("the end is no number")
	}
	return outbox.SavedDraft{Data: []byte(texts[0]), Rev: rev, ExpiresAt: moment(end)}, nil
}

// save is the compare-and-set. KEYS: the draft, the set of ends. ARGV: expected
// revision, token, data, TTL in milliseconds, end in unix milliseconds, chat,
// live, renew. It answers with 1 and the revision after the write, or 0 and what is
// there: revision, data, end.
var save = redis.NewScript(`
local now = redis.call('HMGET', KEYS[1], 'rev', 'token', 'end')
local rev = tonumber(now[1] or 0)
if now[2] and now[2] == ARGV[2] then return {1, rev} end
if rev ~= tonumber(ARGV[1]) then return {0, rev, redis.call('HGET', KEYS[1], 'data') or '', now[3] or '0'} end
local ends = ARGV[5]
local renew = ARGV[8] == '1' or not now[3]
if not renew then ends = now[3] end
redis.call('HSET', KEYS[1], 'rev', rev + 1, 'token', ARGV[2], 'data', ARGV[3], 'end', ends)
if renew then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
if ARGV[7] == '1' and ARGV[3] ~= '' then
	redis.call('ZADD', KEYS[2], ends, ARGV[6])
else
	redis.call('ZREM', KEYS[2], ARGV[6])
end
return {1, rev + 1}`)

// Save writes the draft of a chat if its revision is expect still (0: none was
// ever saved, or all is forgotten), and returns its new revision. Empty data
// deletes the draft, its revision stays as long as the draft would have.
//
// token names this write, unique among all of the chat: a repetition after an
// error finds the write done and returns the same revision. live says that the
// person has something to lose in the draft: Expiring and Count know only
// those. renew begins its life anew; without it the draft ends when it would
// have ended.
//
// *outbox.Conflict: the revision is another one; it brings what is there, so that
// who knows the draft of before has one way to Redis a turn, and one more only
// after somebody else wrote.
func (d *Drafts) Save(ctx context.Context, chat, expect int64, token string, data []byte, live, renew bool) (rev int64, err error) {
	if token == "" {
		return 0, fmt.Errorf("save the draft of %d: the write has no token", chat)
	}
	end := millis(d.now().Add(d.ttl))
	failpoint.Pass(failpoint.BeforeDraft)
	answer, err := save.Run(ctx, d.client, []string{d.key(chat), d.ends},
		expect, token, data, d.ttl.Milliseconds(), end, chat, live, renew).Slice()
	failpoint.Pass(failpoint.AfterDraft)
	if err == nil {
		rev, err = saved(answer)
	}
	if err != nil {
		return 0, fmt.Errorf("save the draft of %d: %w", chat, err)
	}
	return rev, nil
}

// saved reads the answer of save.
func saved(answer []any) (rev int64, err error) {
	if len(answer) < 2 {
		return 0, fmt.Errorf("answer of %d values", len(answer))
	}
	rev, ok := answer[1].(int64)
	switch {
	case !ok:
		return 0, errors.New("the revision is no number")
	case answer[0] == int64(1):
		return rev, nil
	case len(answer) != 4:
		return 0, fmt.Errorf("answer of %d values", len(answer))
	case rev == 0:
		return 0, &outbox.Conflict{}
	}
	now, err := parseDraft([]any{answer[2], strconv.FormatInt(rev, 10), answer[3]})
	if err != nil {
		return 0, err
	}
	return 0, &outbox.Conflict{Now: now}
}

// expiring returns chats and ends up to ARGV[1] and drops those whose draft is
// gone. KEYS: the set of ends. ARGV: the time, the beginning of a draft's key.
// The drafts' keys are made here, which one Redis (no cluster) allows.
var expiring = redis.NewScript(`
local found = {}
local members = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1])
for _, chat in ipairs(members) do
	if redis.call('EXISTS', ARGV[2] .. chat) == 1 then
		found[#found + 1] = chat
		found[#found + 1] = redis.call('ZSCORE', KEYS[1], chat)
	else
		redis.call('ZREM', KEYS[1], chat)
	end
end
return found`)

// Expiring returns the live drafts that end before the given time unless they
// are renewed: by chat, when.
func (d *Drafts) Expiring(ctx context.Context, before time.Time) (map[int64]time.Time, error) {
	pairs, err := expiring.Run(ctx, d.client, []string{d.ends}, millis(before), d.prefix+"draft:").StringSlice()
	if err != nil {
		return nil, fmt.Errorf("read the drafts that end before %s: %w", before.Format(time.RFC3339), err)
	}
	found := make(map[int64]time.Time, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		chat, errChat := strconv.ParseInt(pairs[i], 10, 64)
		end, errEnd := strconv.ParseFloat(pairs[i+1], 64)
		if err := errors.Join(errChat, errEnd); err != nil {
			return nil, fmt.Errorf("read the drafts that end: %w", err)
		}
		found[chat] = moment(int64(end))
	}
	return found, nil
}

// Forget erases the draft of a chat with its revision.
func (d *Drafts) Forget(ctx context.Context, chat int64) error {
	// No transaction: its error would hide the first command's own.
	_, err := d.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.Del(ctx, d.key(chat))
		p.ZRem(ctx, d.ends, chat)
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget the draft of %d: %w", chat, err)
	}
	return nil
}

// Count returns the number of live drafts.
func (d *Drafts) Count(ctx context.Context) (int, error) {
	n, err := d.client.ZCount(ctx, d.ends, strconv.FormatInt(millis(d.now()), 10), "+inf").Result()
	if err != nil {
		return 0, fmt.Errorf("count the drafts: %w", err)
	}
	return int(n), nil
}

// Ping says whether drafts can be saved: a Redis that is out of memory, or a
// replica, answers and takes nothing. What it writes it takes away.
func (d *Drafts) Ping(ctx context.Context) error {
	// No transaction: its error would hide the first command's own.
	_, err := d.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, d.prefix+"ping", "", time.Minute)
		p.Del(ctx, d.prefix+"ping")
		return nil
	})
	if err != nil {
		return fmt.Errorf("ping redis: %w", err)
	}
	return nil
}
