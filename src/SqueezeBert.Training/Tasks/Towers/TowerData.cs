using System.Globalization;
using SqueezeBert.Evaluation;
using SqueezeBert.Tokenization;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Towers;

/// <summary>
/// Rows of texts that each have a vector of their own: two with a score, or a query, its text and perhaps a wrong one. An example's numbers
/// are the lengths of its texts, for each text a number that equal texts share, and the bits of its score.
/// </summary>
internal sealed class TowerData
{
    private const int RowsAtATime = 2048;

    private readonly StageInput _input;
    private readonly bool _hasScores;
    private readonly StageData _target = new();
    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);

    private TowerData(StageInput input, bool hasScores)
    {
        _input = input;
        _hasScores = hasScores;
    }

    private StageRecipe Stage => _input.Stage;

    /// <param name="input">The stage.</param>
    /// <param name="hasScores">Whether the label column counts.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked before each row.</param>
    /// <exception cref="DataFormatException">A column is missing, or a score is not in its range.</exception>
    public static StageData Read(StageInput input, bool hasScores, CancellationToken cancellationToken)
    {
        var data = new TowerData(input, hasScores);
        for (var i = 0; i < input.Stage.Sources.Count; i++) data.ReadFile(i, cancellationToken);
        return data._target;
    }

    private void ReadFile(int sourceIndex, CancellationToken cancellationToken)
    {
        var source = Stage.Sources[sourceIndex];
        using var reader = TableReader.Open(_input.PathOf(source), source.TableOptions);
        string[] columns = source.Negative is { } wrong ? [source.Text, source.Pair!, wrong] : [source.Text, source.Pair!];
        foreach (var column in columns) reader.RequireColumn(column);
        if (_hasScores) reader.RequireColumn(source.Label);
        if (source.Group is { } group) reader.RequireColumn(group);
        foreach (var rows in reader.ReadRows(cancellationToken).Take(source.Limit ?? int.MaxValue).Chunk(RowsAtATime))
        {
            var texts = rows.SelectMany(row => columns.Select(column => row[column])).ToList();
            var encodings = _input.Tokenizer.EncodeBatch(
                texts, new EncodingOptions { MaxLength = Stage.MaxLength, ReturnOffsets = false }, cancellationToken);
            for (var i = 0; i < rows.Length; i++)
            {
                var range = (i * columns.Length)..((i + 1) * columns.Length);
                var key = source.Group is { } column ? rows[i][column] : texts[range.Start];
                var isHeldOut = sourceIndex >= Stage.Data.Count || (Stage.HeldOut > 0 && HashSplit.IsHeldOut(key, Stage.HeldOut));
                Add(texts[range], [.. encodings.Take(range)], Score(rows[i], source, reader.Name), sourceIndex, isHeldOut);
            }
        }
    }

    private void Add(List<string> texts, TextEncoding[] encodings, float score, int sourceIndex, bool isHeldOut)
    {
        var set = isHeldOut ? _target.HeldOut : _target.Train;
        int[] tokens = [.. encodings.SelectMany(encoding => encoding.Ids.ToArray())];
        var numbers = set.AddNumbers(
            [.. encodings.Select(encoding => encoding.Length), .. texts.Select(NumberOf), BitConverter.SingleToInt32Bits(score)]);
        set.Add(tokens, tokens.Length, numbers, set.AddText(sourceIndex));
        if (!isHeldOut) _target.Weights.Add((float)Stage.Data[sourceIndex].Weight);
    }

    private int NumberOf(string text)
    {
        if (_texts.TryGetValue(text, out var number)) return number;
        _texts.Add(text, _texts.Count);
        return _texts.Count - 1;
    }

    private float Score(Row row, DataSource source, string file)
    {
        if (!_hasScores) return 0;
        var text = row[source.Label];
        var (lowest, highest) = Stage.ScoreRange ?? (-1, 1);
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var score)
            || !(score >= lowest && score <= highest))
        {
            var remedy = Stage.ScoreRange is null ? "; give their range: \"score_range\": [0, 5]" : "";
            throw new DataFormatException(file, row.Line, string.Create(
                CultureInfo.InvariantCulture, $"the score '{text}' is not a number from {lowest} to {highest}{remedy}"));
        }

        return (float)(Stage.ScoreRange is null ? score : (score - lowest) / (highest - lowest));
    }
}
