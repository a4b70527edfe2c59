package api

func getDocument(*call) (reply, error) { return reply{body: document}, nil }
