using System.Runtime.InteropServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Models;

namespace SqueezeBert.Pipelines;

/// <summary>Texts, with a prompt before them or none, to vectors.</summary>
internal sealed class EmbeddingWorker(PipelineModel model, SentenceEncoderSettings settings, int dimensions)
    : PipelineWorker<(string Text, string? Prompt), TextEmbedding, EmbeddingWorker.Window>(model, OutputNames.LastHiddenState)
{
    private readonly List<(bool IsTruncated, int TokenCount)> _items = [];
    private readonly List<float> _vectors = [];
    private readonly float[] _pooled = new float[model.Configuration.HiddenSize];
    private char[] _text = [];

    public override int Count => _items.Count;

    public override void Clear()
    {
        base.Clear();
        _items.Clear();
        _vectors.Clear();
    }

    public override void Add((string Text, string? Prompt) input, CancellationToken cancellationToken) => Add(input.Text, input.Prompt, cancellationToken);

    public void Add(ReadOnlySpan<char> text, string? prompt, CancellationToken cancellationToken)
    {
        var skipped = 0;
        if (prompt is not null && !settings.PoolsPrompt)
        {
            Tokenizer.Tokenize(Prepare(prompt, []), Second);
            skipped = Second.Count + 1;
        }

        var room = MaxLength - 2;
        Tokenizer.Tokenize(prompt is null && !settings.LowerCase ? text : Prepare(prompt, text), First, room + 1);
        var kept = Math.Min(First.Count, room);
        _items.Add((First.Count > room, kept + 2));
        CollectionsMarshal.SetCount(_vectors, _items.Count * dimensions);
        Enqueue(First.Ids[..kept], new Window(_items.Count - 1, skipped), cancellationToken);
    }

    public ReadOnlySpan<float> Vector(int item) => CollectionsMarshal.AsSpan(_vectors).Slice(item * dimensions, dimensions);

    public bool IsTruncated(int item) => _items[item].IsTruncated;

    public override TextEmbedding Result(int item) => new(Vector(item).ToArray(), _items[item].IsTruncated, _items[item].TokenCount);

    protected override void Collect(int text, in Window window)
    {
        TokenPooling.Apply(settings.Pooling, Rows(OutputNames.LastHiddenState, text), window.Skipped, _pooled);
        var vector = CollectionsMarshal.AsSpan(_vectors).Slice(window.Item * dimensions, dimensions);
        _pooled.AsSpan(0, dimensions).CopyTo(vector);
        if (settings.Normalize) TokenPooling.Normalize(vector);
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
    internal readonly record struct Window(int Item, int Skipped);
}
