using SqueezeBert.Evaluation;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>
/// Texts without labels from plain text and from columns of tables, each file in the form that the recipe says, mixed by shares of the
/// tokens. An epoch has as many tokens as all files together: of a file that has more than its share, some pieces rest, another choice in
/// each epoch; of one that has less, pieces come again. A line or row is held out by the hash of its text.
/// </summary>
internal sealed class TextMixtureData
{
    private const int TextsAtATime = 4096;
    private const int MinRestLength = 8;

    private readonly StageInput _input;
    private readonly ExcludedTexts _excluded;
    private readonly StageData _target = new();
    private readonly List<(string Text, bool HeldOut)> _pieces = [];
    private readonly List<string> _cut = [];
    private readonly int[] _block;

    private TextMixtureData(StageInput input, ExcludedTexts excluded)
    {
        _input = input;
        _excluded = excluded;
        _block = new int[input.Stage.MaxLength];
    }

    private StageRecipe Stage => _input.Stage;

    /// <exception cref="DataFormatException">A column is missing or a row is malformed.</exception>
    /// <exception cref="RecipeException">A file has no pieces of its form.</exception>
    public static StageData Read(StageInput input, CancellationToken cancellationToken)
    {
        var excluded = new ExcludedTexts();
        foreach (var source in input.Stage.Exclude) AddAll(source);
        if (input.Stage.Similarity is { } similarity) AddAll(similarity);
        var mixture = new TextMixtureData(input, excluded);
        for (var i = 0; i < input.Stage.Data.Count; i++) mixture.ReadFile(i, cancellationToken);
        mixture.Mix();
        return mixture._target;

        void AddAll(DataSource source)
        {
            using var reader = Open(input, source);
            foreach (var row in Rows(reader, source, cancellationToken))
            {
                foreach (var text in Texts(reader, row, source)) excluded.Add(text);
            }
        }
    }

    private static TableReader Open(StageInput input, DataSource source)
    {
        var reader = TableReader.Open(input.PathOf(source), source.TableOptions);
        if (reader.Format == TableFormat.Lines) return reader;
        reader.RequireColumn(source.Text);
        if (source.Pair is not null) reader.RequireColumn(source.Pair);
        return reader;
    }

    private static IEnumerable<Row> Rows(TableReader reader, DataSource source, CancellationToken cancellationToken) =>
        reader.ReadRows(cancellationToken).Take(source.Limit ?? int.MaxValue);

    // A file of lines has one column, whatever it would be called in a table.
    private static IEnumerable<string> Texts(TableReader reader, Row row, DataSource source)
    {
        if (reader.Format == TableFormat.Lines) return [row.Fields[0]];
        return source.Pair is null ? [row[source.Text]] : [row[source.Text], row[source.Pair]];
    }

    private void ReadFile(int index, CancellationToken cancellationToken)
    {
        var source = Stage.Data[index];
        var pieces = new TextPieces(source.Form, _excluded);
        using var reader = Open(_input, source);
        foreach (var row in Rows(reader, source, cancellationToken))
        {
            foreach (var text in Texts(reader, row, source))
            {
                if (!pieces.IsSampled(text, source.Sample)) continue;
                _cut.Clear();
                pieces.Cut(text, _cut);
                if (_cut.Count == 0) continue;
                var heldOut = Stage.HeldOut > 0 && HashSplit.IsHeldOut(text, Stage.HeldOut);
                foreach (var piece in _cut) _pieces.Add((piece, heldOut));
            }

            if (_pieces.Count >= TextsAtATime) Flush(index, cancellationToken);
        }

        Flush(index, cancellationToken);
    }

    private void Flush(int index, CancellationToken cancellationToken)
    {
        var encodings = _input.Tokenizer.EncodeBatch(
            [.. _pieces.Select(piece => piece.Text)], new EncodingOptions { AddSpecialTokens = false, ReturnOffsets = false },
            cancellationToken);
        for (var i = 0; i < _pieces.Count; i++)
        {
            var set = _pieces[i].HeldOut ? _target.HeldOut : _target.Train;
            var tokens = encodings[i].Ids;
            var room = Stage.MaxLength - SequenceLayout.SpecialTokensOfText;
            for (var start = 0; start < tokens.Length; start += room)
            {
                var part = tokens.Slice(start, Math.Min(room, tokens.Length - start));
                if (part.Length < MinRestLength && start > 0) break;
                var layout = new SequenceLayout(part.Length, null, Special: true);
                var block = _block.AsSpan(0, layout.Length);
                _input.Tokenizer.WriteSequence(layout, part, [], block);
                set.Add(block, layout.Length, 0, set.AddText(index));
            }
        }

        _pieces.Clear();
    }

    /// <summary>How often the pieces of each file take part in an epoch, from its share of the tokens.</summary>
    private void Mix()
    {
        var train = _target.Train;
        var tokens = new long[Stage.Data.Count];
        for (var i = 0; i < train.Count; i++) tokens[train.SourceOf(train[i].Text)] += train[i].Length;
        var shares = Stage.Data.Sum(source => source.Weight);
        var copies = new float[tokens.Length];
        for (var i = 0; i < tokens.Length; i++)
        {
            var source = Stage.Data[i];
            if (tokens[i] == 0) throw _input.Error(
                $"data[{i}]", $"'{source.File}' has no {source.Form.ToString().ToLowerInvariant()} to train on");
            copies[i] = (float)(source.Weight / shares * train.TokenCount / tokens[i]);
        }

        for (var i = 0; i < train.Count; i++) _target.Weights.Add(copies[train.SourceOf(train[i].Text)]);
    }
}
