using System.Diagnostics;
using System.Runtime.InteropServices;
using SqueezeBert.Inference;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Serving;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Pipelines;

/// <summary>
/// Runs the inputs of one call through tokenizer, batch and session. An input consists of one or several token sequences (windows, choices
/// or hypotheses). <typeparamref name="TWindow"/> is what the pipeline must remember about a sequence until its outputs are computed.
/// </summary>
internal abstract class PipelineWorker<TWindow>(PipelineModel model)
    where TWindow : struct
{
    private readonly List<TWindow> _windows = [];
    private int[] _ids = new int[256];
    private int[] _types = new int[256];
    private ModelSession? _session;
    private bool _hasRun;

    public abstract int Count { get; }

    public virtual bool IsFull => _hasRun || Batch.TokenCount >= BatchTokens;

    public bool HasTurn { get; set; }

    public bool IsFinished { get; set; }

    public ObservedCall Call { get; set; }

    protected BertTokenizer Tokenizer => model.Tokenizer;

    /// <summary>The number of tokens that are computed together.</summary>
    protected int BatchTokens => model.BatchTokens;

    /// <summary>The session that computes. It is available only in <see cref="Collect"/>.</summary>
    protected ModelSession Session => _session!;

    protected PackedBatch Batch { get; } = new();

    /// <summary>The tokens of the input that is being added.</summary>
    protected TokenBuffer First { get; } = new();

    /// <summary>The tokens of its second text.</summary>
    protected TokenBuffer Second { get; } = new();

    public virtual void Clear()
    {
        Batch.Clear();
        _windows.ClearAndTrim();
        First.Trim();
        Second.Trim();
        _hasRun = false;
        HasTurn = false;
    }

    public void Finish(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_windows.Count > 0)
        {
            if (HasTurn)
            {
                Compute(cancellationToken);
            }
            else
            {
                WaitForTurn(cancellationToken);
                try
                {
                    Compute(cancellationToken);
                }
                finally
                {
                    model.Model.Turns.Leave();
                }
            }
        }

        Batch.Clear();
        _windows.Clear();
        IsFinished = true;
    }

    /// <summary>Reads what the pipeline needs from the outputs of a text of the batch. They are overwritten afterwards.</summary>
    protected abstract void Collect(int text, in TWindow window);

    /// <summary>The number of special tokens around a single text.</summary>
    protected int SpecialTokensOfText => model.TextReading.HasSpecialTokens ? SequenceLayout.SpecialTokensOfText : 0;

    /// <summary>Returns the largest number of tokens of a single text.</summary>
    protected int TextRoom(in Reading reading) => reading.MaxLength - SpecialTokensOfText;

    /// <summary>Returns the largest number of tokens of two texts.</summary>
    protected static int PairRoom(in Reading reading) => reading.MaxLength - SequenceLayout.SpecialTokensOfPair;

    /// <summary>Tokenizes a text, completely or only as much as fits.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tokens">Receives the tokens. Only the first <see cref="TokenizedText.Kept"/> of them may be read.</param>
    /// <param name="room">The number of tokens that fit beside the special tokens.</param>
    /// <param name="reading">What happens to longer texts.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked every few thousand characters.</param>
    /// <exception cref="ArgumentException">
    /// The text is too long, and <see cref="ReadingOptions.LongText"/> is <see cref="LongText.Error"/>.
    /// </exception>
    protected TokenizedText Tokenize(
        ReadOnlySpan<char> text, TokenBuffer tokens, int room, in Reading reading, CancellationToken cancellationToken)
    {
        var cut = reading.Cut(text);
        if (!reading.IsWindowed && model.MostCodePoints(reading) is { } most) cut = CodePoints.First(cut, most);

        // What is left out does not count.
        var hasUnknown = model.TextReading.HasUnknownTokens;
        Tokenizer.Tokenize(cut, tokens, reading.IsWindowed || !hasUnknown ? int.MaxValue : room + 1, cancellationToken);
        if (!hasUnknown) tokens.Remove(Tokenizer.UnknownTokenId);
        var kept = reading.IsWindowed ? tokens.Count : Math.Min(tokens.Count, room);
        var isTruncated = kept < tokens.Count || cut.Length < text.Length;
        if (isTruncated && reading.LongText == LongText.Error)
            throw TooLong(reading, reading.MaxCharacters < text.Length ? text.Length : null);
        return new TokenizedText(kept, End(tokens, kept, isTruncated, text.Length), isTruncated);
    }

    /// <summary>Tokenizes two texts, of which the longer one is cut first.</summary>
    /// <param name="text">The first text, whose tokens are stored in <see cref="First"/>.</param>
    /// <param name="pair">The second text, whose tokens are stored in <see cref="Second"/>.</param>
    /// <param name="reading">What happens to longer texts.</param>
    /// <param name="windows">Receives how the texts are read.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked every few thousand characters.</param>
    /// <exception cref="ArgumentException">
    /// The texts are too long, and <see cref="ReadingOptions.LongText"/> is <see cref="LongText.Error"/>.
    /// </exception>
    protected ReadInfo TokenizePair(
        ReadOnlySpan<char> text, ReadOnlySpan<char> pair, in Reading reading, out PairWindows windows, CancellationToken cancellationToken)
    {
        var first = reading.Cut(text);
        var second = reading.Cut(pair);
        var isCut = first.Length < text.Length || second.Length < pair.Length;
        var room = PairRoom(reading);
        int firstCount, secondCount;
        if (reading.IsWindowed)
        {
            Tokenizer.Tokenize(first, First, cancellationToken: cancellationToken);
            Tokenizer.Tokenize(second, Second, cancellationToken: cancellationToken);
            (firstCount, secondCount) = (First.Count, Second.Count);
        }
        else
        {
            (firstCount, secondCount) = Tokenizer.TokenizePair(first, second, First, Second, room, cancellationToken);
        }

        windows = new PairWindows(firstCount, secondCount, room, reading.LongText);
        if ((isCut || windows.IsTruncated) && reading.LongText == LongText.Error)
            throw TooLong(reading, isCut ? Math.Max(text.Length, pair.Length) : null);
        return new ReadInfo
        {
            TokenCount = windows.TokenCount + SequenceLayout.SpecialTokensOfPair,
            CharactersRead = End(First, windows.KeptFirst, isCut || windows.KeptFirst < First.Count, text.Length)
                + End(Second, windows.KeptSecond, isCut || windows.KeptSecond < Second.Count, pair.Length),
            WindowCount = windows.WindowCount,
            IsTruncated = isCut || windows.IsTruncated,
        };
    }

    /// <summary>Returns the layout of a single text: between [CLS] and [SEP] if the model reads them.</summary>
    protected SequenceLayout LayoutOfText(int tokens) => new(tokens, null, model.TextReading.HasSpecialTokens);

    /// <summary>Adds [CLS] text [SEP] to the batch, or the text alone, which must then have at least one token.</summary>
    protected void Enqueue(ReadOnlySpan<int> text, in TWindow window, CancellationToken cancellationToken) =>
        Enqueue(LayoutOfText(text.Length), text, [], window, cancellationToken);

    /// <summary>Adds [CLS] text [SEP] pair [SEP] to the batch. The second text has token type id 1.</summary>
    protected void Enqueue(ReadOnlySpan<int> text, ReadOnlySpan<int> pair, in TWindow window, CancellationToken cancellationToken) =>
        Enqueue(new SequenceLayout(text.Length, pair.Length, Special: true), text, pair, window, cancellationToken);

    /// <summary>Returns the outputs of a text's tokens, [tokens, width].</summary>
    protected ReadOnlySpan<float> Rows(string output, int text)
    {
        var width = Session.GetWidth(output);
        var (start, end) = (Batch.TextStarts[text], Batch.TextStarts[text + 1]);
        return Session.GetOutput(output).Slice(start * width, (end - start) * width);
    }

    /// <summary>Computes a full batch, because a long input may have more windows than the budget allows at once.</summary>
    protected void MakeRoom(CancellationToken cancellationToken)
    {
        if (Batch.TokenCount < BatchTokens) return;
        Finish(cancellationToken);
        _hasRun = true;
    }

    protected static int End(TokenBuffer tokens, int kept, bool isTruncated, int length) =>
        !isTruncated ? length : kept == 0 ? 0 : tokens.Offsets[kept - 1].End;

    protected static ArgumentException TooLong(in Reading reading, int? characters) => new(characters is null
        ? $"the input has more tokens than the {reading.MaxLength} that are read; shorten it, or let it be cut or read in windows " +
            $"({nameof(ReadingOptions)}.{nameof(ReadingOptions.LongText)})"
        : $"the text has {characters} characters, more than the {reading.MaxCharacters} that are read " +
            $"({nameof(ReadingOptions)}.{nameof(ReadingOptions.MaxCharacters)})");

    private void WaitForTurn(CancellationToken cancellationToken)
    {
        if (!Telemetry.QueueDuration.Enabled)
        {
            model.Model.Turns.Enter(cancellationToken);
            return;
        }

        var asked = Stopwatch.GetTimestamp();
        model.Model.Turns.Enter(cancellationToken);
        model.Telemetry.Waited(Stopwatch.GetElapsedTime(asked));
    }

    private void Compute(CancellationToken cancellationToken)
    {
        var session = model.Sessions.Rent();
        try
        {
            _session = session;
            session.RunEntered(Batch, cancellationToken);
            var windows = CollectionsMarshal.AsSpan(_windows);
            for (var text = 0; text < windows.Length; text++) Collect(text, in windows[text]);
        }
        finally
        {
            _session = null;
            model.Sessions.Return(session);
        }
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
        IsFinished = false;
    }
}
