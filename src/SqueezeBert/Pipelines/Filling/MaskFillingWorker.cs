using System.Runtime.InteropServices;
using System.Text;
using SqueezeBert.Pipelines.Classifying;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Pipelines.Filling;

/// <param name="Text">A text with masks.</param>
/// <param name="Targets">The ids that are scored. Null scores all.</param>
internal readonly record struct FillingInput(string Text, int[]? Targets);

/// <summary>
/// Computes the probabilities of tokens at the masks of texts. Only the rows of the masks are computed in the last layer.
/// </summary>
internal sealed class MaskFillingWorker(PipelineModel model, MaskFillerOptions options, string output)
    : PipelineWorker<MaskFillingWorker.Window>(model), IPipelineWorker<FillingInput, MaskFilling>
{
    private readonly string _output = model.Output(output);
    private readonly List<Item> _items = [];
    private readonly List<Mask> _masks = [];
    private readonly List<(int Id, float Score)> _best = [];
    private readonly float[] _row = new float[model.Configuration.VocabularySize];
    private readonly List<float> _rows = [];
    private int _tokens;

    public override int Count => _items.Count;

    public static string? Problem(in FillingInput input) => input.Text is null ? "the text is null" : null;

    public static long Characters(in FillingInput input) => input.Text.Length;

    /// <summary>Texts without a mask are not computed, but they count for the size of a batch.</summary>
    public override bool IsFull => base.IsFull || _tokens >= BatchTokens;

    /// <summary>The number of masks of all inputs.</summary>
    public int MaskCount => _masks.Count;

    /// <summary>Whether all probabilities of each mask are kept, for <see cref="Probabilities"/>.</summary>
    public bool KeepsRows { get; set; }

    public override void Clear()
    {
        base.Clear();
        _items.ClearAndTrim();
        _masks.ClearAndTrim();
        _best.ClearAndTrim();
        _rows.ClearAndTrim();
        KeepsRows = false;
        _tokens = 0;
    }

    public void Add(FillingInput input, in Reading reading, CancellationToken cancellationToken) =>
        Add(input.Text, input.Text, input.Targets, reading, cancellationToken);

    public void Add(
        ReadOnlySpan<char> text, string? original, int[]? targets, in Reading reading, CancellationToken cancellationToken)
    {
        var read = Tokenize(text, First, TextRoom(reading), reading, cancellationToken);
        var info = read.Info(SequenceLayout.SpecialTokensOfText, 0);
        _tokens += info.TokenCount;
        _items.Add(new Item(original, targets, _masks.Count, 0, info));
        var windows = new TokenWindows(read.Kept, TextRoom(reading));
        while (windows.MoveNext()) AddWindow(windows.Current, targets, cancellationToken);
    }

    /// <summary>The probabilities of all tokens at each mask, [masks, vocabulary].</summary>
    public ReadOnlySpan<float> Probabilities => CollectionsMarshal.AsSpan(_rows);

    public ReadInfo Read(int item) => _items[item].Read;

    public MaskFilling Result(int item)
    {
        var (text, _, first, count, read) = _items[item];
        var masks = new FilledMask[count];
        for (var i = 0; i < count; i++)
        {
            var mask = _masks[first + i];
            var tokens = new TokenScore[mask.Count];
            for (var k = 0; k < tokens.Length; k++)
            {
                var (id, score) = _best[mask.First + k];
                tokens[k] = new TokenScore { Token = Tokenizer.Vocabulary[id], Id = id, Score = score };
            }

            masks[i] = new FilledMask { Start = mask.Offset.Start, End = mask.Offset.End, Tokens = tokens };
        }

        return new MaskFilling { Text = Fill(text!, masks), Masks = masks, Read = read };
    }

    protected override void Collect(int text, in Window window)
    {
        var logits = Session.GetOutput(_output);
        for (var i = 0; i < window.MaskCount; i++)
        {
            logits.Slice((window.FirstRow + i) * _row.Length, _row.Length).CopyTo(_row);
            ClassificationScores.Softmax(_row);
            if (KeepsRows) _row.CopyTo(CollectionsMarshal.AsSpan(_rows).Slice((window.FirstMask + i) * _row.Length, _row.Length));
            var mask = _masks[window.FirstMask + i];
            var best = CollectionsMarshal.AsSpan(_best).Slice(mask.First, mask.Count);
            if (_items[window.Item].Targets is { } targets) Select(targets, best);
            else Select(best);
        }
    }

    private void AddWindow(in TokenWindow window, int[]? targets, CancellationToken cancellationToken)
    {
        var number = _items.Count - 1;
        var item = _items[number];
        var firstMask = _masks.Count;
        var ids = First.Ids;
        var owned = ids[window.OwnedStart..window.OwnedEnd];
        var masks = owned.Count(Tokenizer.MaskTokenId);
        if (masks == 0) return;
        for (var token = window.OwnedStart; token < window.OwnedEnd; token++)
        {
            if (ids[token] != Tokenizer.MaskTokenId) continue;
            var choices = targets?.Length ?? Math.Min(options.Top, Tokenizer.Vocabulary.Count);
            _masks.Add(new Mask(First.Offsets[token], _best.Count, choices));
            CollectionsMarshal.SetCount(_best, _best.Count + choices);
        }

        if (KeepsRows) CollectionsMarshal.SetCount(_rows, _masks.Count * _row.Length);
        _items[number] = item with
        {
            MaskCount = item.MaskCount + masks,
            Read = item.Read with { WindowCount = item.Read.WindowCount + 1 },
        };

        // Rows are counted from what the batch holds once a full one has been computed.
        MakeRoom(cancellationToken);
        var row = Batch.TokenCount + 1;
        Enqueue(ids[window.Start..window.End], new Window(number, Batch.SelectedRows.Length, firstMask, masks), cancellationToken);
        for (var token = window.OwnedStart; token < window.OwnedEnd; token++)
        {
            if (ids[token] == Tokenizer.MaskTokenId) Batch.Select(row + token - window.Start);
        }
    }

    private void Select(int[] targets, Span<(int Id, float Score)> best)
    {
        var count = 0;
        foreach (var id in targets) Insert(best, ref count, id);
    }

    private void Select(Span<(int Id, float Score)> best)
    {
        // Ids beyond the tokenizer's have no probability at all.
        var count = 0;
        for (var id = 0; id < Tokenizer.Vocabulary.Count; id++)
        {
            if (Tokenizer.Vocabulary.TryGetToken(id, out _)) Insert(best, ref count, id);
        }
    }

    private void Insert(Span<(int Id, float Score)> best, ref int count, int id)
    {
        var score = _row[id];
        if (count == best.Length && !(score > best[count - 1].Score)) return;
        var place = count < best.Length ? count++ : count - 1;
        for (; place > 0 && score > best[place - 1].Score; place--) best[place] = best[place - 1];
        best[place] = (id, score);
    }

    private string Fill(string text, FilledMask[] masks)
    {
        var filled = new StringBuilder();
        var done = 0;
        foreach (var mask in masks)
        {
            filled.Append(text, done, mask.Start - done);
            var token = mask.Tokens[0].Token;
            var prefix = Tokenizer.Options.ContinuingSubwordPrefix;
            if (prefix.Length > 0 && token.Length > prefix.Length && token.StartsWith(prefix, StringComparison.Ordinal))
            {
                while (filled.Length > 0 && char.IsWhiteSpace(filled[^1])) filled.Length--;
                token = token[prefix.Length..];
            }

            filled.Append(token);
            done = mask.End;
        }

        return filled.Append(text, done, text.Length - done).ToString();
    }

    /// <param name="Item">The input of the window.</param>
    /// <param name="FirstRow">The first of its rows among the selected rows.</param>
    /// <param name="FirstMask">The first of its masks.</param>
    /// <param name="MaskCount">The number of its masks.</param>
    internal readonly record struct Window(int Item, int FirstRow, int FirstMask, int MaskCount);

    private readonly record struct Item(string? Text, int[]? Targets, int FirstMask, int MaskCount, ReadInfo Read);

    /// <param name="Offset">The position of the mask in the text.</param>
    /// <param name="First">The index of its first stored token.</param>
    /// <param name="Count">The number of its tokens.</param>
    private readonly record struct Mask(TokenOffset Offset, int First, int Count);
}
