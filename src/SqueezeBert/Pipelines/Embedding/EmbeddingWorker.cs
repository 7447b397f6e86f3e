using System.Runtime.InteropServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Pipelines.Embedding;

/// <summary>Texts, with a prompt before them or none, to vectors.</summary>
internal sealed class EmbeddingWorker(PipelineModel model, SentenceEncoderSettings settings, int dimensions, LongText longText)
    : PipelineWorker<(string Text, string? Prompt), TextEmbedding, EmbeddingWorker.Window>(model, OutputNames.LastHiddenState)
{
    private readonly List<ReadText> _items = [];
    private readonly List<float> _vectors = [];
    private readonly float[] _pooled = new float[model.Configuration.HiddenSize];
    private readonly List<int> _window = [];
    private char[] _text = [];

    public override int Count => _items.Count;

    public override void Clear()
    {
        base.Clear();
        _items.Clear();
        _vectors.Clear();
    }

    public override void Add((string Text, string? Prompt) input, CancellationToken cancellationToken) =>
        Add(input.Text, input.Prompt, cancellationToken);

    public void Add(ReadOnlySpan<char> text, string? prompt, CancellationToken cancellationToken)
    {
        var promptTokens = 0;
        if (prompt is not null && (!settings.PoolsPrompt || longText == LongText.Windows))
        {
            Tokenizer.Tokenize(Prepare(prompt, []), Second, cancellationToken: cancellationToken);
            promptTokens = Second.Count;
        }

        var kept = Tokenize(prompt is null && !settings.LowerCase ? text : Prepare(prompt, text), First, TextRoom, longText);
        CollectionsMarshal.SetCount(_vectors, (_items.Count + 1) * dimensions);
        CollectionsMarshal.AsSpan(_vectors)[^dimensions..].Clear();
        var skipped = prompt is not null && !settings.PoolsPrompt ? promptTokens + 1 : 0;
        if (kept <= TextRoom)
        {
            _items.Add(new ReadText(kept + SequenceLayout.SpecialTokensOfText, 1, kept < First.Count));
            Enqueue(First.Ids[..kept], new Window(_items.Count - 1, skipped, 1, IsLast: true), cancellationToken);
            return;
        }

        if (promptTokens >= TextRoom) throw new ArgumentException(
            $"the prompt has {promptTokens} tokens, which leaves no room for a text: the model reads {MaxLength}", nameof(prompt));
        AddWindows(promptTokens, skipped, cancellationToken);
    }

    public ReadOnlySpan<float> Vector(int item) => CollectionsMarshal.AsSpan(_vectors).Slice(item * dimensions, dimensions);

    public bool IsTruncated(int item) => _items[item].IsTruncated;

    public override TextEmbedding Result(int item) => new(Vector(item).ToArray(), _items[item]);

    protected override void Collect(int text, in Window window)
    {
        TokenPooling.Apply(settings.Pooling, Rows(OutputNames.LastHiddenState, text), window.Skipped, _pooled);
        var vector = CollectionsMarshal.AsSpan(_vectors).Slice(window.Item * dimensions, dimensions);
        for (var i = 0; i < vector.Length; i++) vector[i] += window.Weight * _pooled[i];
        if (window.IsLast && settings.Normalize) TokenPooling.Normalize(vector);
    }

    /// <summary>Windows of the text behind the prompt, which each of them begins with.</summary>
    private void AddWindows(int promptTokens, int skipped, CancellationToken cancellationToken)
    {
        var windows = new WeightedWindows(First.Count - promptTokens, TextRoom - promptTokens);
        _items.Add(new ReadText(First.Count + SequenceLayout.SpecialTokensOfText, windows.WindowCount, false));
        CollectionsMarshal.SetCount(_window, promptTokens);
        First.Ids[..promptTokens].CopyTo(CollectionsMarshal.AsSpan(_window));
        for (var left = windows.WindowCount; windows.MoveNext(); left--)
        {
            CollectionsMarshal.SetCount(_window, promptTokens);
            CollectionExtensions.AddRange(_window, First.Ids[promptTokens..][windows.Range]);
            Enqueue(CollectionsMarshal.AsSpan(_window), new Window(_items.Count - 1, skipped, windows.Weight, left == 1),
                cancellationToken);
        }
    }

    /// <summary>Prompt and text in one buffer, in lower case where the folder wants it.</summary>
    private ReadOnlySpan<char> Prepare(string? prompt, ReadOnlySpan<char> text)
    {
        var length = (prompt?.Length ?? 0) + text.Length;
        if (_text.Length < length) _text = new char[2 * length];
        var whole = _text.AsSpan(0, length);
        prompt.AsSpan().CopyTo(whole);
        text.CopyTo(whole[(prompt?.Length ?? 0)..]);
        if (settings.LowerCase)
        {
            foreach (ref var unit in whole) unit = char.ToLowerInvariant(unit);
        }

        return whole;
    }

    /// <param name="Item">The input.</param>
    /// <param name="Skipped">First tokens that take no part in the pooling.</param>
    /// <param name="Weight">The window's part in the vector.</param>
    /// <param name="IsLast">Whether the vector is whole after it.</param>
    internal readonly record struct Window(int Item, int Skipped, float Weight, bool IsLast);
}
