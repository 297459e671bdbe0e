package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"intakebot/incident"
	"intakebot/internal/loop"
)

// SendFile sends a file that Telegram holds already.
func (c *Client) SendFile(ctx context.Context, chat int64, a incident.Attachment, replyTo int) (int, error) {
	file := &models.InputFileString{Data: a.FileID}
	re, thread := reply(replyTo), c.thread(chat)
	var sent *models.Message
	var err error
	switch a.Kind {
	case incident.Photo:
		sent, err = c.api.SendPhoto(ctx, &bot.SendPhotoParams{ChatID: chat, MessageThreadID: thread, Photo: file, ReplyParameters: re})
	case incident.Video:
		sent, err = c.api.SendVideo(ctx, &bot.SendVideoParams{ChatID: chat, MessageThreadID: thread, Video: file, ReplyParameters: re})
	case incident.Voice:
		sent, err = c.api.SendVoice(ctx, &bot.SendVoiceParams{ChatID: chat, MessageThreadID: thread, Voice: file, ReplyParameters: re})
	case incident.Audio:
		sent, err = c.api.SendAudio(ctx, &bot.SendAudioParams{ChatID: chat, MessageThreadID: thread, Audio: file, ReplyParameters: re})
	case incident.VideoNote:
		sent, err = c.api.SendVideoNote(ctx, &bot.SendVideoNoteParams{ChatID: chat, MessageThreadID: thread, VideoNote: file, ReplyParameters: re})
	case incident.Animation:
		sent, err = c.api.SendAnimation(ctx, &bot.SendAnimationParams{ChatID: chat, MessageThreadID: thread, Animation: file, ReplyParameters: re})
	case incident.Document:
		sent, err = c.api.SendDocument(ctx, &bot.SendDocumentParams{ChatID: chat, MessageThreadID: thread, Document: file, ReplyParameters: re})
	default:
		return 0, unknownKind(a)
	}
	return messageID(sent), err
}

// unknownKind is an answer that Telegram would give: a repetition does not mend
// it.
func unknownKind(a incident.Attachment) error {
	return fmt.Errorf("%w: media_invalid: attachment of kind %q", bot.ErrorBadRequest, a.Kind)
}

// SendAlbum sends several files as one album and returns their ids in order, 0
// for those that Telegram did not tell.
func (c *Client) SendAlbum(ctx context.Context, chat int64, files []incident.Attachment, replyTo int) ([]int, error) {
	ids := make([]int, len(files))
	var media []models.InputMedia
	for _, a := range files {
		switch a.Kind {
		case incident.Photo:
			media = append(media, &models.InputMediaPhoto{Media: a.FileID})
		case incident.Video:
			media = append(media, &models.InputMediaVideo{Media: a.FileID})
		case incident.Document:
			media = append(media, &models.InputMediaDocument{Media: a.FileID})
		default:
			return ids, unknownKind(a)
		}
	}
	sent, err := c.api.SendMediaGroup(ctx, &bot.SendMediaGroupParams{
		ChatID: chat, MessageThreadID: c.thread(chat), Media: media, ReplyParameters: reply(replyTo),
	})
	for k, m := range sent[:min(len(sent), len(ids))] {
		ids[k] = messageID(m)
	}
	return ids, err
}

// fetchAttempts is how often one file is asked for.
const fetchAttempts = 3

// Fetch gets a file from Telegram (Bot API, getFile). Its errors hold neither
// the token nor the file's path.
func (c *Client) Fetch(ctx context.Context, fileID string) (data []byte, err error) {
	for failures := range fetchAttempts {
		if failures > 0 && !loop.Pause(ctx, loop.Backoff(failures), nil) {
			break
		}
		if data, err = c.download(ctx, fileID); err == nil || !fetchable(err) {
			break
		}
	}
	return data, err
}

// fetchable says that it is worth asking for a file again.
func fetchable(err error) bool {
	a, answered := answerOf(err)
	return !answered || a.Code >= 500 || a.Code == http.StatusTooManyRequests || strings.Contains(a.Description, "temporarily unavailable")
}

func (c *Client) download(ctx context.Context, fileID string) ([]byte, error) {
	var file struct {
		Path string `json:"file_path"`
	}
	if _, err := c.call(ctx, "getFile", map[string]string{"file_id": fileID}, &file); err != nil {
		return nil, err
	}
	path := (&url.URL{Path: file.Path}).EscapedPath()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.cfg.APIURL+"/file/bot"+c.cfg.Token+"/"+path, nil)
	if err != nil {
		return nil, errors.New("telegram: the path of a file cannot be read")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the address
		}
		return nil, fmt.Errorf("download a file: %w", c.Scrub(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("download a file: telegram answered %s", resp.Status)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, incident.FetchMost+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("download a file: %w", c.Scrub(err))
	case len(data) > incident.FetchMost:
		return nil, errors.New("download a file: it is larger than Telegram gives to bots")
	}
	return data, nil
}
