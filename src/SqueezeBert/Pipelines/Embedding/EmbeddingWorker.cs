using System.Runtime.InteropServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Pipelines.LongTexts;

namespace SqueezeBert.Pipelines.Embedding;

/// <param name="Text">The text.</param>
/// <param name="Prompt">The prompt before the text, or null.</param>
internal readonly record struct EmbeddingInput(string Text, string? Prompt);

/// <summary>Computes the vectors of texts with or without a prompt.</summary>
internal sealed class EmbeddingWorker(PipelineModel model, SentenceEncoderSettings settings, int dimensions)
    : PipelineWorker<EmbeddingWorker.Window>(model), IPipelineWorker<EmbeddingInput, TextEmbedding>
{
    private readonly List<ReadInfo> _items = [];
    private readonly List<float> _vectors = [];
    private readonly float[] _pooled = new float[model.Configuration.HiddenSize];
    private readonly List<int> _window = [];
    private char[] _text = [];

    public override int Count => _items.Count;

    public static string? Problem(in EmbeddingInput input) => input.Text is null ? "the text is null" : null;

    public static long Characters(in EmbeddingInput input) => (long)input.Text.Length + (input.Prompt?.Length ?? 0);

    public override void Clear()
    {
        base.Clear();
        _items.ClearAndTrim();
        _vectors.ClearAndTrim();
    }

    public void Add(EmbeddingInput input, in Reading reading, CancellationToken cancellationToken) =>
        Add(input.Text, input.Prompt, reading, cancellationToken);

    public void Add(ReadOnlySpan<char> text, string? prompt, in Reading reading, CancellationToken cancellationToken)
    {
        var promptTokens = 0;
        if (prompt is not null && (!settings.PoolsPrompt || reading.IsWindowed))
        {
            Tokenizer.Tokenize(Prepare(prompt, []), Second, cancellationToken: cancellationToken);
            promptTokens = Second.Count;
        }

        // The limit of characters is the text's; a prompt is read whole.
        var cut = reading.Cut(text);
        var prompted = prompt?.Length ?? 0;
        var room = TextRoom(reading);
        var whole = reading with { MaxCharacters = int.MaxValue };
        var read = Tokenize(prompt is null && !settings.LowerCase ? cut : Prepare(prompt, cut), First, room, whole, cancellationToken);
        read = read with { CharactersRead = Math.Max(0, read.CharactersRead - prompted) };
        if (cut.Length < text.Length)
        {
            if (reading.LongText == LongText.Error) throw TooLong(reading, text.Length);
            read = read with { IsTruncated = true };
        }

        CollectionsMarshal.SetCount(_vectors, (_items.Count + 1) * dimensions);
        CollectionsMarshal.AsSpan(_vectors)[^dimensions..].Clear();
        var skipped = prompt is not null && !settings.PoolsPrompt ? promptTokens + (SpecialTokensOfText / 2) : 0;
        if (read.Kept <= room)
        {
            _items.Add(read.Info(SpecialTokensOfText, 1));

            // A text without any token has the vector zero.
            if (read.Kept + SpecialTokensOfText == 0) return;
            Enqueue(First.Ids[..read.Kept], new Window(_items.Count - 1, skipped, 1, IsLast: true), cancellationToken);
            return;
        }

        if (promptTokens >= room) throw new ArgumentException(
            $"the prompt has {promptTokens} tokens, which leaves no room for a text: {reading.MaxLength} are read", nameof(prompt));
        AddWindows(read, promptTokens, skipped, room, cancellationToken);
    }

    public ReadOnlySpan<float> Vector(int item) => CollectionsMarshal.AsSpan(_vectors).Slice(item * dimensions, dimensions);

    public ReadInfo Read(int item) => _items[item];

    public TextEmbedding Result(int item) => new() { Vector = Vector(item).ToArray(), Read = _items[item] };

    protected override void Collect(int text, in Window window)
    {
        TokenPooling.Apply(settings.Pooling, Rows(OutputNames.LastHiddenState, text), window.Skipped, _pooled);
        var vector = CollectionsMarshal.AsSpan(_vectors).Slice(window.Item * dimensions, dimensions);
        for (var i = 0; i < vector.Length; i++) vector[i] += window.Weight * _pooled[i];
        if (window.IsLast && settings.Normalize) TokenPooling.Normalize(vector);
    }

    /// <summary>Adds the windows of a text. Each of them begins with the prompt.</summary>
    private void AddWindows(
        in TokenizedText read, int promptTokens, int skipped, int room, CancellationToken cancellationToken)
    {
        var windows = new WeightedWindows(First.Count - promptTokens, room - promptTokens);
        _items.Add(read.Info(SpecialTokensOfText, windows.WindowCount));
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

    /// <summary>Puts prompt and text into one buffer, in lower case if the folder requires it.</summary>
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

    /// <param name="Item">The input of the window.</param>
    /// <param name="Skipped">The number of first tokens that are excluded from the pooling.</param>
    /// <param name="Weight">The weight of the window in the vector.</param>
    /// <param name="IsLast">Whether the vector is complete after this window.</param>
    internal readonly record struct Window(int Item, int Skipped, float Weight, bool IsLast);
}
