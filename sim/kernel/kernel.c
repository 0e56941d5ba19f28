/* The compiled forms of some plain loops of the model, bit for bit the same as those:
 *
 *   queues     first-come-first-served desks          sim/market/queue.py, queues.py
 *   uniforms   keyed draws by SplitMix64, mix 13      sim/randomness.py
 *   heads      who starts and ends when               sim/world/people.py
 *   referrals  which needs a person has, for which a specialist is called, and when     sim/world/referrals.py
 *   in_order   referrals in order of time                                               sim/world/needs.py
 *   decide     what officers do with identified needs, decided for the first time           sim/market/officers.py
 *
 * Only comparisons, whole-number arithmetic, and single additions, multiplications and divisions of doubles: nothing
 * whose last digit a compiler or a library may choose (no logarithms, no sums in another order). Compile without
 * contraction of a multiplication and an addition into one (-ffp-contract=off).
 */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if FLT_EVAL_METHOD != 0
#error "doubles are computed with more digits than they have: the last digit would not be the plain loops'"
#endif

#define ABI 3
int64_t kernel_abi(void) { return ABI; }

/* --- draws --------------------------------------------------------------------------------------------------- */

static inline uint64_t draw(uint64_t x) /* a whole number below 2^53 */
{
    x ^= x >> 30;
    x *= UINT64_C(0xBF58476D1CE4E5B9);
    x ^= x >> 27;
    x *= UINT64_C(0x94D049BB133111EB);
    x ^= x >> 31;
    return x >> 11;
}

static inline uint64_t position(uint64_t id) { return (id + 1) * UINT64_C(0x9E3779B97F4A7C15); }

static inline double uniform(uint64_t drawn) { return (double)(int64_t)drawn * 0x1p-53 + 0x1p-54; }

void kernel_uniforms(int64_t n, uint64_t key, const uint64_t *ids, double *out)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = uniform(draw(position(ids[i]) + key));
}

/* Needs of n people, and the referrals they give rise to.
 *
 * place is the stratum of a man's need of category 0. person_keys are of sex, age, complexity and assessment, and
 * person_below what lies below which of a woman, of the first age band, and of the first or second. A need of category
 * k exists where its draw lies below present[bin * categories + k], and is counted by (row, service, sex) and category;
 * a specialist is called where it also lies below called[...], never above present. Only women have only_women, and
 * only those of the first age band only_young. At most 64 categories. Returns how many referrals were written.
 */
int64_t kernel_referrals(int64_t n, const uint64_t *ids, const int32_t *place, const double *start, const double *end,
                         const int64_t *row, int64_t categories, int64_t bins, const uint64_t *keys,
                         const uint64_t *person_keys, const int64_t *person_below, const int64_t *present,
                         const int64_t *called, const double *chance, int64_t only_women, int64_t only_young,
                         int64_t category_bit, double window, double begin, int64_t *counts, double *day,
                         uint64_t *case_id, int32_t *stratum, int8_t *age_band, double *until, double *u_detect)
{
    const int64_t first_only = only_women < only_young ? only_women : only_young;
    const int64_t last_only = only_women < only_young ? only_young : only_women;
    int64_t written = 0;
    for (int64_t i = 0; i < n; i++) {
        const uint64_t at = position(ids[i]);
        const int woman = (int64_t)draw(at + person_keys[0]) < person_below[0];
        const int64_t age_drawn = (int64_t)draw(at + person_keys[1]);
        const int age = (age_drawn >= person_below[1]) + (age_drawn >= person_below[2]);
        const int64_t drawn_bin = (int64_t)(uniform(draw(at + person_keys[2])) * (double)bins);
        const int64_t bin = drawn_bin < bins ? drawn_bin : bins - 1; /* the highest uniform rounds to 1 */
        const int64_t *below = present + bin * categories, *below_called = called + bin * categories;
        int64_t *count = counts + ((row[i] * 2 + (place[i] >> 1 & 1)) * 2 + woman) * categories;
        int64_t calls[65], n_calls = 0;
        uint64_t drawn[65];
        for (int64_t part = 0, k = 0; part < 3; part++) {
            const int64_t to = part == 0 ? first_only : part == 1 ? last_only : categories;
            for (; k < to; k++) { /* written without a branch, and kept where it counts */
                const uint64_t x = draw(at + keys[k]);
                count[k] += (int64_t)x < below[k];
                calls[n_calls] = k;
                drawn[n_calls] = x;
                n_calls += (int64_t)x < below_called[k];
            }
            if (part < 2 && !(k == only_women ? woman : !age))
                k++; /* only these have the need */
        }
        for (int64_t c = 0; c < n_calls; c++) {
            const int64_t k = calls[c];
            const uint64_t name = ids[i] | (uint64_t)k << category_bit;
            const double when = start[i] + window * uniform(draw(position(name) + person_keys[3]));
            day[written] = when;
            case_id[written] = name;
            stratum[written] = place[i] + (int32_t)k * 4 + woman;
            age_band[written] = (int8_t)age;
            until[written] = end[i];
            u_detect[written] = uniform(drawn[c]) / chance[bin * categories + k];
            written += when < end[i] && when >= begin;
        }
    }
    return written;
}

/* Referrals in order of (day, person, category). Scratch: order[n], bucket[n + 2]. */
void kernel_in_order(int64_t n, uint64_t category_mask, const double *day, const uint64_t *case_id,
                     const int32_t *stratum, const int8_t *age_band, const double *until, const double *u_detect,
                     int64_t *order, int64_t *bucket, double *day_out, uint64_t *case_out, int32_t *stratum_out,
                     int8_t *age_out, double *until_out, double *u_out)
{
    if (!n)
        return;
    double first = day[0], last = day[0];
    for (int64_t i = 1; i < n; i++) {
        first = day[i] < first ? day[i] : first;
        last = day[i] > last ? day[i] : last;
    }
    /* As many buckets as referrals, in order of time; then each moves past the few of its bucket that come later. */
    const double per_day = last > first ? (double)(n - 1) / (last - first) : 0.0;
    memset(bucket, 0, sizeof(int64_t) * (size_t)(n + 2));
    for (int64_t i = 0; i < n; i++)
        bucket[(int64_t)((day[i] - first) * per_day) + 2]++;
    for (int64_t b = 2; b < n + 2; b++)
        bucket[b] += bucket[b - 1];
    for (int64_t i = 0; i < n; i++)
        order[bucket[(int64_t)((day[i] - first) * per_day) + 1]++] = i;
    for (int64_t i = 0; i < n; i++) {
        const int64_t mine = order[i];
        const double when = day[mine];
        int64_t to = i;
        for (; to > 0; to--) {
            const int64_t other = order[to - 1];
            if (day[other] < when)
                break;
            if (day[other] == when) {
                const uint64_t a = case_id[other] & ~category_mask, b = case_id[mine] & ~category_mask;
                if (a < b || (a == b && (case_id[other] & category_mask) < (case_id[mine] & category_mask)))
                    break;
            }
            order[to] = other;
        }
        order[to] = mine;
    }
    for (int64_t i = 0; i < n; i++) {
        const int64_t from = order[i];
        day_out[i] = day[from];
        case_out[i] = case_id[from];
        stratum_out[i] = stratum[from];
        age_out[i] = age_band[from];
        until_out[i] = until[from];
        u_out[i] = u_detect[from];
    }
}

/* Heads by row of the counts and stream, of people in order of their streams: those who start in each row are added
 * to started and change, those who end are taken from change. Notes in which row each starts. */
void kernel_heads(int64_t streams, const int64_t *people, const double *start, const double *end, double first_day,
                  int64_t days, const int64_t *row_of_day, int64_t *started, int64_t *change, int64_t *row)
{
    const double last = (double)(days - 1);
    for (int64_t s = 0; s < streams; s++)
        for (int64_t more = people[s]; more > 0; more--) {
            const double since = *start++ - first_day, until = *end++ - first_day;
            const int64_t begins = row_of_day[(int64_t)(since < last ? since : last)];
            *row++ = begins;
            started[begins * streams + s]++;
            change[begins * streams + s]++;
            change[row_of_day[(int64_t)(until < last ? until : last)] * streams + s]--;
        }
}

/* --- queues -------------------------------------------------------------------------------------------------- */

typedef struct {
    double *free_at; /* a heap: the day each place falls free */
    int64_t places, room_for_places;
    int64_t *row; /* the waiting, first come first, from `first` on */
    double *arrival, *deadline, *service;
    int64_t first, n, room;
    double *change_day; /* changes of places not yet reached */
    int64_t *change_more;
    int64_t changes, room_for_changes;
    double served_to;
    int64_t *done_row; /* begun or gone since the last look */
    double *done_day;
    int64_t done, room_for_done;
    int open;
} Queue;

typedef struct {
    Queue *queue;
    int64_t n, room;
} Queues;

/* Room for `wanted` items of a size; 0 when there is no memory. */
static int grow(void **items, size_t size, int64_t wanted)
{
    void *more = realloc(*items, size * (size_t)wanted);
    if (!more)
        return 0;
    *items = more;
    return 1;
}

static int64_t enough(int64_t room, int64_t wanted) { return wanted > 2 * room ? wanted + 8 : 2 * room; }

static void sink(double *heap, int64_t n, int64_t at)
{
    const double day = heap[at];
    for (int64_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
        if (child + 1 < n && heap[child + 1] < heap[child])
            child++;
        if (!(heap[child] < day))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = day;
}

static int push_place(Queue *q, double day)
{
    if (q->places == q->room_for_places) {
        const int64_t room = enough(q->room_for_places, q->places + 1);
        if (!grow((void **)&q->free_at, sizeof(double), room))
            return 0;
        q->room_for_places = room;
    }
    int64_t at = q->places++;
    for (; at > 0 && day < q->free_at[(at - 1) / 2]; at = (at - 1) / 2)
        q->free_at[at] = q->free_at[(at - 1) / 2];
    q->free_at[at] = day;
    return 1;
}

static void pop_place(Queue *q)
{
    if (q->places > 0 && --q->places > 0) {
        q->free_at[0] = q->free_at[q->places];
        sink(q->free_at, q->places, 0);
    }
}

static void note(Queue *q, int64_t row, double day)
{
    q->done_row[q->done] = row;
    q->done_day[q->done++] = day;
}

static int serve(Queue *q, double until)
{
    if (q->done + q->n > q->room_for_done) { /* at most all the waiting are noted */
        const int64_t room = enough(q->room_for_done, q->done + q->n);
        if (!grow((void **)&q->done_row, sizeof(int64_t), room) || !grow((void **)&q->done_day, sizeof(double), room))
            return 0;
        q->room_for_done = room;
    }
    if (q->places && q->free_at[0] < until) {
        int64_t i = q->first;
        const int64_t end = q->first + q->n;
        for (; i < end; i++) {
            const double start = q->arrival[i] > q->free_at[0] ? q->arrival[i] : q->free_at[0];
            if (start <= q->deadline[i]) {
                if (start >= until)
                    break;
                q->free_at[0] = start + q->service[i];
                sink(q->free_at, q->places, 0);
                note(q, q->row[i], start);
            } else if (q->deadline[i] < until)
                note(q, q->row[i], NAN);
            else
                break;
        }
        q->n = end - i;
        q->first = i;
    }
    int64_t to = q->first; /* no place falls free in time for whoever is left */
    for (int64_t i = q->first, end = q->first + q->n; i < end; i++) {
        if (q->deadline[i] < until) {
            note(q, q->row[i], NAN);
            continue;
        }
        if (to != i) {
            q->row[to] = q->row[i];
            q->arrival[to] = q->arrival[i];
            q->deadline[to] = q->deadline[i];
            q->service[to] = q->service[i];
        }
        to++;
    }
    q->n = to - q->first;
    return 1;
}

static int advance(Queue *q, double until)
{
    for (int64_t c = 0; c < q->changes; c++) {
        if (!serve(q, q->change_day[c]))
            return 0;
        for (int64_t more = q->change_more[c]; more > 0; more--)
            if (!push_place(q, q->change_day[c]))
                return 0;
        for (int64_t more = q->change_more[c]; more < 0; more++)
            pop_place(q);
    }
    q->changes = 0;
    if (q->n && until != q->served_to) {
        if (!serve(q, until))
            return 0;
        q->served_to = until;
    }
    return 1;
}

static int join(Queue *q, int64_t row, double arrival, double deadline, double service)
{
    if (!q->n)
        q->first = 0;
    else if (q->first && q->first + q->n == q->room) { /* use the room of those that left */
        memmove(q->row, q->row + q->first, sizeof(int64_t) * (size_t)q->n);
        memmove(q->arrival, q->arrival + q->first, sizeof(double) * (size_t)q->n);
        memmove(q->deadline, q->deadline + q->first, sizeof(double) * (size_t)q->n);
        memmove(q->service, q->service + q->first, sizeof(double) * (size_t)q->n);
        q->first = 0;
    }
    const int64_t at = q->first + q->n;
    if (at == q->room) {
        const int64_t room = enough(q->room, at + 1);
        if (!grow((void **)&q->row, sizeof(int64_t), room) || !grow((void **)&q->arrival, sizeof(double), room) ||
            !grow((void **)&q->deadline, sizeof(double), room) || !grow((void **)&q->service, sizeof(double), room))
            return 0;
        q->room = room;
    }
    q->row[at] = row;
    q->arrival[at] = arrival;
    q->deadline[at] = deadline;
    q->service[at] = service;
    q->n++;
    q->served_to = NAN;
    return 1;
}

static void empty(Queue *q)
{
    free(q->free_at);
    free(q->row);
    free(q->arrival);
    free(q->deadline);
    free(q->service);
    free(q->change_day);
    free(q->change_more);
    free(q->done_row);
    free(q->done_day);
    memset(q, 0, sizeof *q);
}

/* Queues are numbered from 0 in the order of opening. What runs out of memory returns 0. */

Queues *queues_new(void) { return calloc(1, sizeof(Queues)); }

void queues_free(Queues *all)
{
    for (int64_t i = 0; i < all->n; i++)
        empty(all->queue + i);
    free(all->queue);
    free(all);
}

int queues_open(Queues *all, int64_t places, double now)
{
    if (all->n == all->room) {
        const int64_t room = enough(all->room, all->n + 1);
        if (!grow((void **)&all->queue, sizeof(Queue), room))
            return 0;
        all->room = room;
    }
    Queue *q = all->queue + all->n++;
    memset(q, 0, sizeof *q);
    q->open = 1;
    q->served_to = NAN;
    for (int64_t i = 0; i < places; i++)
        if (!push_place(q, now))
            return 0;
    return 1;
}

int queues_change_places(Queues *all, int64_t number, int64_t more, double now)
{
    Queue *q = all->queue + number;
    if (q->changes == q->room_for_changes) {
        const int64_t room = enough(q->room_for_changes, q->changes + 1);
        if (!grow((void **)&q->change_day, sizeof(double), room) ||
            !grow((void **)&q->change_more, sizeof(int64_t), room))
            return 0;
        q->room_for_changes = room;
    }
    q->change_day[q->changes] = now;
    q->change_more[q->changes++] = more;
    q->served_to = NAN;
    return 1;
}

int queues_join(Queues *all, int64_t n, const int32_t *number, const int64_t *row, const double *arrival,
                const double *deadline, const double *service)
{
    for (int64_t i = 0; i < n; i++)
        if (number[i] < 0 || number[i] >= all->n || !all->queue[number[i]].open)
            return -1; /* no such queue */
        else if (!join(all->queue + number[i], row[i], arrival[i], deadline[i], service[i]))
            return 0;
    return 1;
}

int queues_advance(Queues *all, double until)
{
    for (int64_t i = 0; i < all->n; i++)
        if (all->queue[i].open && !advance(all->queue + i, until))
            return 0;
    return 1;
}

int queues_advance_one(Queues *all, int64_t number, double until) { return advance(all->queue + number, until); }

/* The waiting of some queues, one queue after the other. */
int64_t queues_waiting(const Queues *all, int64_t m, const int64_t *numbers)
{
    int64_t n = 0;
    for (int64_t i = 0; i < m; i++)
        n += all->queue[numbers[i]].n;
    return n;
}

void queues_look(const Queues *all, int64_t m, const int64_t *numbers, int64_t *row, double *deadline, double *service)
{
    for (int64_t i = 0; i < m; i++) {
        const Queue *q = all->queue + numbers[i];
        if (!q->n)
            continue;
        memcpy(row, q->row + q->first, sizeof(int64_t) * (size_t)q->n);
        memcpy(deadline, q->deadline + q->first, sizeof(double) * (size_t)q->n);
        memcpy(service, q->service + q->first, sizeof(double) * (size_t)q->n);
        row += q->n;
        deadline += q->n;
        service += q->n;
    }
}

/* No more places and nobody waiting; what was done is kept until it is taken. */
void queues_close(Queues *all, int64_t number)
{
    Queue *q = all->queue + number;
    q->open = 0;
    q->n = q->places = q->changes = 0;
}

int64_t queues_done(const Queues *all, int64_t m, const int64_t *numbers)
{
    int64_t n = 0;
    for (int64_t i = 0; i < m; i++)
        n += all->queue[numbers[i]].done;
    return n;
}

/* What was done at some queues, one queue after the other, and forget it; a closed queue gives its memory back. */
void queues_take_done(Queues *all, int64_t m, const int64_t *numbers, int64_t *at, int64_t *row, double *day)
{
    for (int64_t i = 0; i < m; i++) {
        Queue *q = all->queue + numbers[i];
        for (int64_t j = 0; j < q->done; j++) {
            *at++ = i;
            *row++ = q->done_row[j];
            *day++ = q->done_day[j];
        }
        q->done = 0;
        if (!q->open)
            empty(q);
    }
}

/* Of each of some queues: cases waiting less places idle (any idle place counts as 1 where nobody waits). */
void queues_ahead(const Queues *all, int64_t m, const int64_t *numbers, double now, int64_t *ahead)
{
    for (int64_t i = 0; i < m; i++) {
        const Queue *q = all->queue + numbers[i];
        int64_t idle = 0;
        if (q->places && q->free_at[0] <= now) {
            idle = !q->n;
            for (int64_t p = 0; q->n && p < q->places; p++)
                idle += q->free_at[p] <= now;
        }
        ahead[i] = q->n - idle;
    }
}

/* --- officers' decisions ------------------------------------------------------------------------------------- */

#define NO_DESK (-1)

/* Where in a table, laid flat, the choice of a row's draw stands: the first column whose cumulative chance exceeds u. */
static inline int64_t look_up(const double *cumulative, int64_t width, int64_t rows, int64_t row, double u)
{
    int64_t at = row;
    for (const int64_t end = row + width * rows; at < end && cumulative[at] <= u; at += rows)
        ;
    return at;
}

/* Decide n cases, given in order of time: a desk's number, or one of the fates without a desk, and the price committed.
 * Tables have a column of all rows after the other; those of numbers and willingness have one column more. Of direct
 * referrals a row is a cell, of purchases and terms a place: half as many. Divisions spend up to their limits; whoever
 * would exceed it is exhausted. Returns the number of purchases. */
int64_t kernel_decide(int64_t n, const uint64_t *ids, const int32_t *cell, const double *day, const uint64_t *keys,
                      int64_t width, int64_t rows, const double *direct, const int32_t *direct_number,
                      int64_t card_width, const double *card, const int32_t *card_number, const double *card_willing,
                      int64_t versions, const double *from_day, const double *chance, const double *price_gbp,
                      const double *alternative, const int64_t *division, const double *limit_gbp, uint8_t *exhausted,
                      double *spent_gbp, int32_t unmet, int32_t found, int32_t *number, double *price)
{
    const int64_t places = rows / 2;
    int64_t version = 0, purchases = 0;
    for (int64_t i = 0; i < n; i++) {
        const uint64_t at = position(ids[i]);
        const int64_t row = cell[i], place = row >> 1;
        const double any = width ? direct[(width - 1) * rows + row] : 0.0;
        int32_t desk = NO_DESK;
        price[i] = NAN;
        if (any > 0.0)
            desk = direct_number[look_up(direct, width, rows, row, uniform(draw(at + keys[0])))];
        if (desk == NO_DESK && (row & 1)) { /* an NPS officer */
            while (version + 1 < versions && from_day[version + 1] <= day[i])
                version++;
            const int64_t term = version * places + place;
            if (chance[term] > 0.0) {
                const double u = (uniform(draw(at + keys[0])) - any) / (1.0 - any);
                const int64_t slot = look_up(card, card_width, places, place, u);
                const int64_t d = division[place];
                if (uniform(draw(at + keys[1])) < chance[term] * card_willing[slot] && !exhausted[d]) {
                    const double spent = spent_gbp[d] + price_gbp[term];
                    if (spent <= limit_gbp[d]) {
                        spent_gbp[d] = spent;
                        desk = card_number[slot];
                        price[i] = price_gbp[term];
                        purchases++;
                    } else
                        exhausted[d] = 1;
                }
            }
        }
        if (desk == NO_DESK)
            desk = uniform(draw(at + keys[2])) < alternative[place] ? found : unmet;
        number[i] = desk;
    }
    return purchases;
}
