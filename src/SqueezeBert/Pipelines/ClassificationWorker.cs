using SqueezeBert.Inference;
using SqueezeBert.Models;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Pipelines;

/// <summary>One caller's way through tokenizer, batch and session. A text is one window, or several that are merged.</summary>
internal sealed class ClassificationWorker : IDisposable
{
    private readonly InferenceSession _session;
    private readonly BertTokenizer _tokenizer;
    private readonly IReadOnlyList<string> _labels;
    private readonly Checkpoints.ProblemType _problem;
    private readonly int _maxLength;
    private readonly LongText _longText;
    private readonly PackedBatch _batch = new();
    private readonly List<(int FirstWindow, int WindowCount, bool Truncated, int Tokens)> _texts = [];
    private readonly List<int> _weights = [];
    private readonly float[] _window;
    private int[] _ids;

    public ClassificationWorker(InferenceModel model, BertTokenizer tokenizer, IReadOnlyList<string> labels, int maxLength, LongText longText)
    {
        _session = model.CreateSession(OutputNames.Logits);
        _tokenizer = tokenizer;
        _labels = labels;
        _problem = ClassificationScores.ProblemOf(model.Configuration);
        _maxLength = maxLength;
        _longText = longText;
        _window = new float[labels.Count];
        _ids = new int[maxLength];
    }

    public int TokenCount => _batch.TokenCount;

    public int TextCount => _texts.Count;

    public void Clear()
    {
        _batch.Clear();
        _texts.Clear();
        _weights.Clear();
    }

    public void Add(ReadOnlySpan<char> text)
    {
        if (_longText == LongText.Windows)
        {
            AddWindows(text);
            return;
        }

        var count = _tokenizer.Encode(text, _ids, out var truncated);
        AddText(_ids.AsSpan(0, count), truncated);
    }

    public void Add(string text, string? pair)
    {
        if (pair is null)
        {
            Add(text);
            return;
        }

        var encoding = _tokenizer.Encode(text, pair, new EncodingOptions { MaxLength = _maxLength, Truncation = Truncation.LongestFirst });
        _batch.Add(encoding.Ids, encoding.TypeIds);
        Added(encoding.IsTruncated, encoding.Ids.Length);
    }

    public void Run(CancellationToken cancellationToken) => _session.Run(_batch, cancellationToken);

    /// <summary>Scores of a text by label id; returns whether it was truncated.</summary>
    public bool Scores(int text, Span<float> scores)
    {
        var (first, count, truncated, _) = _texts[text];
        scores = scores[.._labels.Count];
        var logits = _session.GetOutput(OutputNames.Logits);
        if (count == 1)
        {
            logits.Slice(first * scores.Length, scores.Length).CopyTo(scores);
            ClassificationScores.Apply(scores, _problem);
            return truncated;
        }

        scores.Clear();
        long total = 0;
        for (var window = first; window < first + count; window++) total += _weights[window];
        for (var window = first; window < first + count; window++)
        {
            logits.Slice(window * scores.Length, scores.Length).CopyTo(_window);
            ClassificationScores.Apply(_window, _problem);
            for (var i = 0; i < scores.Length; i++) scores[i] += _window[i] * ((float)_weights[window] / total);
        }

        return truncated;
    }

    public Classification Result(int text)
    {
        var scores = new float[_labels.Count];
        var truncated = Scores(text, scores);
        var order = new LabelScore[scores.Length];
        for (var i = 0; i < order.Length; i++) order[i] = new LabelScore(_labels[i], scores[i]);
        return new Classification([.. order.OrderByDescending(label => label.Score)], truncated, _texts[text].Tokens);
    }

    public void Dispose() => _session.Dispose();

    private void AddText(ReadOnlySpan<int> ids, bool truncated)
    {
        _batch.Add(ids);
        Added(truncated, ids.Length);
    }

    private void Added(bool truncated, int tokens)
    {
        _texts.Add((_batch.TextCount - 1, 1, truncated, tokens));
        _weights.Add(tokens);
    }

    /// <summary>Windows of the text's tokens, each wrapped in special tokens of its own, with half a window of overlap.</summary>
    private void AddWindows(ReadOnlySpan<char> text)
    {
        var count = _tokenizer.Count(text);
        var room = _maxLength - 2;
        if (_ids.Length < count + 2) _ids = new int[Math.Max(count + 2, 2 * _ids.Length)];
        _tokenizer.Encode(text, _ids.AsSpan(0, count + 2), out _);
        if (count <= room)
        {
            AddText(_ids.AsSpan(0, count + 2), false);
            return;
        }

        // Between [CLS] at 0 and [SEP] at the end stand the text's tokens; a window borrows the places around it for its own two.
        var (cls, sep) = (_ids[0], _ids[count + 1]);
        var first = _batch.TextCount;
        var step = Math.Max(1, room / 2);
        var covered = 0;
        for (var start = 0; covered < count; start += step)
        {
            var end = Math.Min(count, start + room);
            var window = _ids.AsSpan(start, end - start + 2);
            var (before, after) = (window[0], window[^1]);
            (window[0], window[^1]) = (cls, sep);
            _batch.Add(window);
            (window[0], window[^1]) = (before, after);
            _weights.Add(end - covered);
            covered = end;
        }

        _texts.Add((first, _batch.TextCount - first, false, count + 2));
    }
}
