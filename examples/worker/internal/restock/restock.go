// Package restock orders again what sells.
package restock

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

// Restocker reads demand from Redis and sales from the shop's database.
type Restocker struct {
	db    *pgxpool.Pool
	cache *redis.Client
}

// Popular returns how often each article was looked at today.
func (r *Restocker) Popular(ctx context.Context, skus []string) (map[string]int, error) {
	views := make(map[string]int, len(skus))
	for _, sku := range skus {
		n, err := r.cache.Get(ctx, "views:"+sku).Int()
		if err != nil && err != redis.Nil {
			return nil, fmt.Errorf("views of %s: %w", sku, err)
		}
		views[sku] = n
	}
	return views, nil
}

func (r *Restocker) sold(ctx context.Context, sku string) (int, error) {
	var quantity int
	err := r.db.QueryRow(ctx, `SELECT coalesce(sum(quantity), 0) FROM order_line WHERE sku = $1`, sku).Scan(&quantity)
	return quantity, err
}

// Plan decides how much of each article to order.
func (r *Restocker) Plan(ctx context.Context, skus []string) (map[string]int, error) {
	plan := make(map[string]int, len(skus))
	for _, sku := range skus {
		quantity, err := r.sold(ctx, sku)
		if err != nil {
			return nil, err
		}
		plan[sku] = quantity * 2
	}
	return plan, nil
}

// Forget drops today's counters in one pipeline.
func (r *Restocker) Forget(ctx context.Context, skus []string) error {
	pipe := r.cache.Pipeline()
	for _, sku := range skus {
		pipe.Del(ctx, "views:"+sku)
	}
	_, err := pipe.Exec(ctx)
	return err
}
