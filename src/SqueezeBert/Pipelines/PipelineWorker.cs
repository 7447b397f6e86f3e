using System.Runtime.InteropServices;
using SqueezeBert.Inference;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Pipelines;

/// <summary>
/// One caller's way through tokenizer, batch and session. An input is one sequence of tokens or several (windows, choices, hypotheses);
/// <typeparamref name="TWindow"/> is what the pipeline must remember of a sequence until its outputs are there.
/// </summary>
internal abstract class PipelineWorker<TInput, TResult, TWindow>(PipelineModel model, params IReadOnlyList<string> outputs)
    : IPipelineWorker<TInput, TResult>
    where TWindow : struct
{
    private readonly List<TWindow> _windows = [];
    private int[] _ids = new int[256];
    private int[] _types = new int[256];
    private bool _hasRun;

    public abstract int Count { get; }

    public virtual bool IsFull => _hasRun || Batch.TokenCount >= BatchTokens;

    protected BertTokenizer Tokenizer => model.Tokenizer;

    /// <summary>Tokens that are computed together.</summary>
    protected int BatchTokens => model.BatchTokens;

    /// <summary>Tokens of a sequence at most, special tokens included.</summary>
    protected int MaxLength => model.MaxLength;

    /// <summary>Tokens of one text at most.</summary>
    protected int TextRoom => MaxLength - SpecialTokensOfText;

    /// <summary>Special tokens around one text.</summary>
    protected int SpecialTokensOfText => model.Reading.HasSpecialTokens ? SequenceLayout.SpecialTokensOfText : 0;

    /// <summary>Tokens of two texts at most.</summary>
    protected int PairRoom => MaxLength - SequenceLayout.SpecialTokensOfPair;

    protected InferenceSession Session { get; } = model.Inference.CreateSession(outputs);

    protected PackedBatch Batch { get; } = new();

    /// <summary>The tokens of the input that is being added.</summary>
    protected TokenBuffer First { get; } = new();

    /// <summary>The tokens of its second text.</summary>
    protected TokenBuffer Second { get; } = new();

    public virtual void Clear()
    {
        Batch.Clear();
        _windows.Clear();
        _hasRun = false;
    }

    public abstract void Add(TInput input, CancellationToken cancellationToken);

    public abstract TResult Result(int item);

    public void Finish(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_windows.Count > 0)
        {
            Session.Run(Batch, cancellationToken);
            var windows = CollectionsMarshal.AsSpan(_windows);
            for (var text = 0; text < windows.Length; text++) Collect(text, in windows[text]);
        }

        Batch.Clear();
        _windows.Clear();
    }

    public void Dispose() => Session.Dispose();

    /// <summary>Takes what the pipeline needs from the outputs of a text of the batch, which are overwritten afterwards.</summary>
    protected abstract void Collect(int text, in TWindow window);

    /// <summary>
    /// Tokenizes a text into <paramref name="tokens"/>, all of it or only what fits; returns how many of the tokens are to be read.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="tokens">Receives the tokens; more of them than the result tell that the text is truncated.</param>
    /// <param name="room">Tokens that fit beside the special ones.</param>
    /// <param name="longText">Whether the rest is left out.</param>
    protected int Tokenize(ReadOnlySpan<char> text, TokenBuffer tokens, int room, LongText longText)
    {
        var isTruncating = longText == LongText.Truncate;
        IsCut = false;
        if (model.MaxCharacters is { } most && isTruncating)
        {
            var length = text.Length;
            text = CodePoints.First(text, most);
            IsCut = text.Length < length;
        }

        // What is left out does not count.
        var hasUnknown = model.Reading.HasUnknownTokens;
        Tokenizer.Tokenize(text, tokens, isTruncating && hasUnknown ? room + 1 : int.MaxValue);
        if (!hasUnknown) tokens.Remove(Tokenizer.UnknownTokenId);
        return isTruncating ? Math.Min(tokens.Count, room) : tokens.Count;
    }

    /// <summary>Whether the text that was tokenized last was cut before.</summary>
    protected bool IsCut { get; private set; }

    /// <summary>Where the tokens of one text stand: between [CLS] and [SEP] if the model reads these.</summary>
    protected SequenceLayout LayoutOfText(int tokens) => new(tokens, null, model.Reading.HasSpecialTokens);

    /// <summary>Queues [CLS] text [SEP], or the text alone, which then has at least one token.</summary>
    protected void Enqueue(ReadOnlySpan<int> text, in TWindow window, CancellationToken cancellationToken) =>
        Enqueue(LayoutOfText(text.Length), text, [], window, cancellationToken);

    /// <summary>Queues [CLS] text [SEP] pair [SEP], the second text with token type 1.</summary>
    protected void Enqueue(ReadOnlySpan<int> text, ReadOnlySpan<int> pair, in TWindow window, CancellationToken cancellationToken) =>
        Enqueue(new SequenceLayout(text.Length, pair.Length, Special: true), text, pair, window, cancellationToken);

    /// <summary>Outputs of a text's tokens, [tokens, width].</summary>
    protected ReadOnlySpan<float> Rows(string output, int text)
    {
        var width = Session.GetWidth(output);
        var (start, end) = (Batch.TextStarts[text], Batch.TextStarts[text + 1]);
        return Session.GetOutput(output).Slice(start * width, (end - start) * width);
    }

    /// <summary>Computes a full batch: a long input has more windows than the budget allows at once.</summary>
    protected void MakeRoom(CancellationToken cancellationToken)
    {
        if (Batch.TokenCount < BatchTokens) return;
        Finish(cancellationToken);
        _hasRun = true;
    }

    private void Enqueue(
        SequenceLayout layout, ReadOnlySpan<int> text, ReadOnlySpan<int> pair, in TWindow window, CancellationToken cancellationToken)
    {
        MakeRoom(cancellationToken);
        if (_ids.Length < layout.Length)
        {
            _ids = new int[2 * layout.Length];
            _types = new int[2 * layout.Length];
        }

        var ids = _ids.AsSpan(0, layout.Length);
        var types = _types.AsSpan(0, layout.Length);
        Tokenizer.WriteSequence(layout, text, pair, ids);
        layout.FillTypeIds(types);
        Batch.Add(ids, types);
        _windows.Add(window);
    }
}
