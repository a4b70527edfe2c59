package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

const campaignColumns = `key, name, owner, coalesce(sender, '') AS sender, senders, paused, send_window AS "window", on_reply, NOT unsubscribe AS no_unsubscribe, steps, version, path AS known`

// Campaigns returns all campaigns, by key.
func (s *Store) Campaigns(ctx context.Context) ([]campaign.Campaign, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+campaignColumns+` FROM campaigns ORDER BY key`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[campaign.Campaign])
}

// Campaign returns one campaign. ErrNotFound when there is none.
func (s *Store) Campaign(ctx context.Context, key string) (campaign.Campaign, error) {
	return readCampaign(ctx, s.pool, key, "")
}

func readCampaign(ctx context.Context, db querier, key, lock string) (campaign.Campaign, error) {
	rows, err := db.Query(ctx, `SELECT `+campaignColumns+` FROM campaigns WHERE key = $1 `+lock, key)
	if err != nil {
		return campaign.Campaign{}, err
	}
	of, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[campaign.Campaign])
	return of, named(err, "campaign", key)
}
