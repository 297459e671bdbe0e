package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
	"intakebot/incident"
)

const (
	// fetchWithin is how long the files of one letter may take to come, all
	// together; the letter goes without those that did not.
	fetchWithin = time.Minute
	// fetchAttempts is how often one file is asked for.
	fetchAttempts = 3
)

// fetchFiles gets the files that go with an escalation, before the transaction
// that makes the letter. There is nothing to get for one that is in the register
// already, or that the register is going to refuse.
func (l *lane) fetchFiles(ctx context.Context, e conversation.Escalate) ([]incident.File, error) {
	i, err := l.cfg.Register.Incident(ctx, e.Number)
	if errors.Is(err, incident.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	known := slices.ContainsFunc(i.Escalations, func(x incident.Escalation) bool { return x.ID == e.ID })
	refusal, _ := i.EscalationAllowed(l.now(), l.cfg.Dialogue.EscalationPause)
	if known || refusal != incident.MayEscalate || i.Reporter != l.chat {
		return nil, nil
	}
	if len(i.Attachments) == 0 {
		return nil, nil
	}
	within, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	// It may take a while: the person sees that something is going on.
	_, _ = l.api.SendChatAction(within, &bot.SendChatActionParams{ChatID: l.chat, Action: models.ChatActionUploadDocument})
	files := l.cfg.Letters.Collect(i.Attachments, func(a incident.Attachment) ([]byte, error) {
		data, err := l.fetch(within, a.FileID)
		if err != nil && ctx.Err() == nil {
			l.log.Warn("a file was not fetched, the letter goes without", "incident", i.Number, "error", err)
		}
		return data, err
	})
	return files, ctx.Err() // our own stop is no reason to leave files out
}

// fetch gets a file from Telegram (Bot API, getFile). Its errors hold neither
// the token nor the file's path.
func (b *Bot) fetch(ctx context.Context, fileID string) (data []byte, err error) {
	for failures := range fetchAttempts {
		if failures > 0 && !pause(ctx, backoff(failures), nil) {
			break
		}
		if data, err = b.download(ctx, fileID); err == nil {
			return data, nil
		}
		var answer *apiError
		if errors.As(err, &answer) && answer.Code < 500 && answer.Code != http.StatusTooManyRequests {
			break
		}
	}
	return nil, err
}

func (b *Bot) download(ctx context.Context, fileID string) ([]byte, error) {
	var file struct {
		Path string `json:"file_path"`
	}
	if err := b.call(ctx, "getFile", map[string]string{"file_id": fileID}, &file); err != nil {
		return nil, err
	}
	path := (&url.URL{Path: file.Path}).EscapedPath()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.cfg.APIURL+"/file/bot"+b.cfg.Token+"/"+path, nil)
	if err != nil {
		return nil, errors.New("telegram: the path of a file cannot be read")
	}
	resp, err := b.http.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the address
		}
		return nil, fmt.Errorf("download a file: %w", b.scrub(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("download a file: telegram answered %s", resp.Status)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, incident.FetchMost+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("download a file: %w", b.scrub(err))
	case len(data) > incident.FetchMost:
		return nil, errors.New("download a file: it is larger than Telegram gives to bots")
	}
	return data, nil
}
