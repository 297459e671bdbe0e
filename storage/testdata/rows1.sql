-- What a database of the first schema holds. Never edit.
INSERT INTO counters VALUES (2026, 41);
INSERT INTO people VALUES (7, '1', 1763800000000, '[{"key":"full_name","label":"ФИО","value":"Иванова Анна"}]', 0);
INSERT INTO incidents VALUES (1, '26-00041-9', 2026, 41, 'draft-41', 7, 'registered', 1763800001000, '', 1763800001000,
	3, 3, -100, 55, 1, '[{"key":"organisation","label":"Организация","value":"Администрация"}]', 0);
INSERT INTO attachments VALUES (1, 1, 'photo', 'file-1', '', 1000);
INSERT INTO history VALUES (1, 1, 1763800001000, 'registered', 'reporter', '', '', '[]', NULL);
INSERT INTO escalations VALUES ('esc-1', 1, 1, 'ждём', 1763800002000, 'id@host', 'sent', 1763800003000, '');
INSERT INTO inbox (update_id, hash, chat, received_at, raw) VALUES (900, x'00', 7, 1763800004000, x'7b7d');
INSERT INTO outbox (key, channel, number, chat, rank, reply_to_card, prompt, leased, attempts, created_at, next_at, first_at, body)
	VALUES ('k', 'mail', '26-00041-9', 0, 1, 0, 0, 1, 2, 1763800005000, 9999999999999, 1763800005000, x'7b7d');
