using SqueezeBert.Tokenization;

namespace SqueezeBert.Pipelines.Answering;

/// <summary>
/// The best answer spans over the windows of a document, by the rules of transformers' SQuAD scripts (utils_qa.py). In each window, the
/// best starts are combined with the best ends. A span must not end before its start, be too long, or leave the document. The scores of all
/// windows are compared. Spans with equal scores keep their order: the earlier window, the better start, the better end, and for equal
/// logits the earlier token.
/// </summary>
internal sealed class SpanRanking(int size, int maxAnswerTokens)
{
    private readonly AnswerSpan[] _best = new AnswerSpan[size];
    private readonly int[] _starts = new int[size];
    private readonly int[] _ends = new int[size];
    private int _count;

    /// <summary>The lowest score of no answer in any window, or positive infinity before the first window.</summary>
    public float NoAnswerScore { get; private set; } = float.PositiveInfinity;

    public void Clear()
    {
        _count = 0;
        NoAnswerScore = float.PositiveInfinity;
    }

    /// <param name="logits">[tokens, 2]: the start and end logits of each token of the window, beginning with [CLS].</param>
    /// <param name="first">The first token of the window that belongs to the document.</param>
    /// <param name="offsets">The positions of these tokens in the document.</param>
    public void Add(ReadOnlySpan<float> logits, int first, ReadOnlySpan<TokenOffset> offsets)
    {
        NoAnswerScore = Math.Min(NoAnswerScore, logits[0] + logits[1]);
        var starts = Best(logits, 0, _starts);
        var ends = Best(logits, 1, _ends);
        foreach (var start in starts)
        {
            foreach (var end in ends)
            {
                var (from, to) = (start - first, end - first);
                if (from < 0 || to >= offsets.Length || to < from || to - from >= maxAnswerTokens || offsets[to].End <= offsets[from].Start)
                    continue;
                Insert(new AnswerSpan
                {
                    Start = offsets[from].Start,
                    End = offsets[to].End,
                    Score = logits[2 * start] + logits[(2 * end) + 1],
                    Probability = 0,
                });
            }
        }
    }

    /// <summary>
    /// Computes the probabilities over the spans that are kept. A span that several windows found has the sum of its occurrences. If no
    /// answer is allowed, it replaces the worst span if it is among the best, and is added otherwise.
    /// </summary>
    /// <param name="allowNoAnswer">Whether no answer is allowed.</param>
    /// <param name="noAnswerProbability">Receives the probability of no answer, or 0 if it is not allowed.</param>
    /// <returns>The spans, best first and without duplicates. They are valid until the ranking is cleared.</returns>
    public ReadOnlySpan<AnswerSpan> Finish(bool allowNoAnswer, out float noAnswerProbability)
    {
        if (allowNoAnswer && _count == size && _best[_count - 1].Score < NoAnswerScore) _count--;
        var max = allowNoAnswer ? NoAnswerScore : float.NegativeInfinity;
        for (var i = 0; i < _count; i++) max = Math.Max(max, _best[i].Score);
        var none = allowNoAnswer ? Math.Exp((double)NoAnswerScore - max) : 0;
        var sum = none;
        for (var i = 0; i < _count; i++) sum += Math.Exp((double)_best[i].Score - max);
        noAnswerProbability = allowNoAnswer ? (float)(none / sum) : 0;
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            var span = _best[i] with { Probability = (float)(Math.Exp((double)_best[i].Score - max) / sum) };
            var known = 0;
            while (known < kept && (_best[known].Start, _best[known].End) != (span.Start, span.End)) known++;
            if (known == kept) _best[kept++] = span;
            else _best[known] = _best[known] with { Probability = _best[known].Probability + span.Probability };
        }

        _count = kept;
        return _best.AsSpan(0, _count);
    }

    /// <summary>Returns the tokens with the highest logits of a column, highest first.</summary>
    private static ReadOnlySpan<int> Best(ReadOnlySpan<float> logits, int column, int[] tokens)
    {
        var count = 0;
        for (var token = 0; token < logits.Length / 2; token++)
        {
            var logit = logits[(2 * token) + column];
            if (count == tokens.Length && !(logit > logits[(2 * tokens[count - 1]) + column])) continue;
            var place = count < tokens.Length ? count++ : count - 1;
            for (; place > 0 && logit > logits[(2 * tokens[place - 1]) + column]; place--) tokens[place] = tokens[place - 1];
            tokens[place] = token;
        }

        return tokens.AsSpan(0, count);
    }

    private void Insert(in AnswerSpan span)
    {
        if (_count == size && !(span.Score > _best[_count - 1].Score)) return;
        var place = _count < size ? _count++ : _count - 1;
        for (; place > 0 && span.Score > _best[place - 1].Score; place--) _best[place] = _best[place - 1];
        _best[place] = span;
    }
}
