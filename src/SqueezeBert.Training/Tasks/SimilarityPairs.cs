using System.Globalization;
using SqueezeBert.Evaluation;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Tokenization;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Distillation;

namespace SqueezeBert.Training.Tasks;

/// <summary>Pairs of texts with labels, larger for those that are more alike, for the evaluations of a student. Not thread-safe.</summary>
internal sealed class SimilarityPairs
{
    private readonly ExampleSet _texts = new();
    private readonly List<double> _labels = [];
    private readonly MicroBatchBuilder _builder;
    private readonly int[] _byLength;

    /// <exception cref="DataFormatException">A column is missing, or a label is not a number.</exception>
    public SimilarityPairs(StageInput input, DataSource source)
    {
        _builder = new MicroBatchBuilder(new TextExampleWriter(), input.Stage.MicroBatchTokens);
        var options = new EncodingOptions { MaxLength = input.Stage.MaxLength, ReturnOffsets = false };
        using var reader = TableReader.Open(input.PathOf(source), source.TableOptions);
        if (source.Pair is null) throw input.Error("similarity", "needs 'pair', the column of the second text");
        foreach (var column in (string[])[source.Text, source.Pair, source.Label]) reader.RequireColumn(column);
        foreach (var row in reader.ReadRows().Take(source.Limit ?? int.MaxValue))
        {
            if (!double.TryParse(row[source.Label], NumberStyles.Float, CultureInfo.InvariantCulture, out var label)
                || !double.IsFinite(label))
                throw new DataFormatException(reader.Name, row.Line, $"'{row[source.Label]}' is not a number, which a similarity is");
            _labels.Add(label);
            foreach (var encoding in input.Tokenizer.EncodeBatch([row[source.Text], row[source.Pair]], options))
                _texts.Add(encoding.Ids, encoding.Ids.Length, 0, _texts.Count);
        }

        _byLength = [.. Enumerable.Range(0, _texts.Count).OrderBy(i => _texts[i].Length).ThenBy(i => i)];
    }

    /// <summary>Correlates the labels with the cosines of the vectors that the student has now.</summary>
    public SimilarityReport Evaluate(GradientSession session, CancellationToken cancellationToken)
    {
        var output = session.Output(StudentGraph.Vector);
        var vectors = new float[_texts.Count][];
        var place = 0;
        var count = _builder.Build(_texts, _byLength, 0);
        for (var i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            session.Forward(_builder.Batches[i].Batch, null);
            place = Take(output.ForValue(), vectors, place);
        }

        var cosines = new double[_labels.Count];
        for (var i = 0; i < cosines.Length; i++) cosines[i] = Cosine(vectors[2 * i], vectors[(2 * i) + 1]);
        return SimilarityReport.Of([.. _labels], cosines);
    }

    private unsafe int Take(in LossRows rows, float[][] vectors, int place)
    {
        for (var row = 0; row < rows.Count; row++)
            vectors[_byLength[place++]] = new ReadOnlySpan<float>(rows.Row(row), rows.Width).ToArray();
        return place;
    }

    private static double Cosine(float[] a, float[] b)
    {
        double product = 0, aSquares = 0, bSquares = 0;
        for (var i = 0; i < a.Length; i++)
        {
            product += (double)a[i] * b[i];
            aSquares += (double)a[i] * a[i];
            bSquares += (double)b[i] * b[i];
        }

        return aSquares > 0 && bSquares > 0 ? product / Math.Sqrt(aSquares * bSquares) : 0;
    }
}
