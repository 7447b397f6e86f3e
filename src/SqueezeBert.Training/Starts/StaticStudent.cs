using System.Globalization;
using System.Text.RegularExpressions;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Inference;
using SqueezeBert.Training.Starts.LeastSquares;

namespace SqueezeBert.Training.Starts;

/// <summary>
/// Static embeddings of a teacher, as Model2Vec distills them: each piece of the vocabulary alone through the teacher, the mean of its
/// hidden states, the first principal components, and a weight that is small for the pieces that stand first in the vocabulary, which are
/// the frequent ones.
/// </summary>
internal static partial class StaticStudent
{
    private const int BatchTokens = 3 * 1024;

    /// <summary>The configuration of the student.</summary>
    /// <exception cref="ArgumentException">The width is beyond the teacher's, or the weighting's coefficient is out of range.</exception>
    public static StaticConfiguration Configure(TeacherModel teacher, StaticEmbeddings options)
    {
        var most = teacher.Configuration.HiddenSize;
        var width = options.Dimensions ?? most;
        if (width < 1 || width > most)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"static vectors of {width} numbers cannot be made: the teacher's hidden states have 1 to {most} principal components"));
        }

        if (options.SifCoefficient is { } coefficient && !(coefficient > 0 && coefficient < 1))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"the coefficient of the weights is {coefficient}; it must be above 0 and below 1"));
        }

        return new StaticConfiguration
        {
            Architectures = ["StaticModel"],
            VocabularySize = teacher.Tokenizer.Vocabulary.Count,
            HiddenSize = width,
            Normalize = true,
        };
    }

    /// <summary>Makes the table.</summary>
    public static NamedTensor Table(
        TeacherModel teacher, StaticConfiguration student, StaticEmbeddings options, int? threads, IProgress<StudentProgress>? progress,
        CancellationToken cancellationToken)
    {
        var pieces = Pieces(teacher);
        var rows = MeanStates(teacher, pieces, threads, progress, cancellationToken);
        var (width, kept) = (teacher.Configuration.HiddenSize, student.HiddenSize);
        var (mean, directions) = PrincipalComponents.Of(rows, width, threads ?? Environment.ProcessorCount, cancellationToken);
        var weights = Weights(pieces.Count, options.SifCoefficient);
        var table = new float[(long)student.VocabularySize * kept];
        var centered = new double[width];
        for (var piece = 0; piece < pieces.Count; piece++)
        {
            var row = rows.AsSpan(piece * width, width);
            for (var i = 0; i < width; i++) centered[i] = row[i] - mean[i];
            var target = table.AsSpan(pieces[piece] * kept, kept);
            for (var component = 0; component < kept; component++)
            {
                var direction = directions.AsSpan(component * width, width);
                var sum = 0.0;
                for (var i = 0; i < width; i++) sum += centered[i] * direction[i];
                target[component] = (float)(sum * weights[piece]);
            }
        }

        return new NamedTensor(StaticArchitecture.Table, [student.VocabularySize, kept], table);
    }

    /// <summary>By Zipf's law, the piece of rank r is as frequent as 1 / r; a weight is c / (c + its share of all).</summary>
    public static double[] Weights(int count, double? coefficient)
    {
        var weights = new double[count];
        Array.Fill(weights, 1);
        if (coefficient is not { } c) return weights;
        var sum = 0.0;
        for (var i = 0; i < count; i++) sum += 1.0 / (i + 2);
        for (var i = 0; i < count; i++) weights[i] = c / (c + (1.0 / (i + 2) / sum));
        return weights;
    }

    /// <summary>The ids that a text can have: not those that BERT's vocabularies keep free, whose rows stay zero.</summary>
    private static List<int> Pieces(TeacherModel teacher)
    {
        var tokens = teacher.Tokenizer.Vocabulary.Tokens;
        var most = Math.Min(tokens.Count, teacher.Configuration.VocabularySize);
        return [.. Enumerable.Range(0, most).Where(id => tokens[id] is { } token && !Unused().IsMatch(token))];
    }

    /// <summary>[CLS] piece [SEP] through the teacher; the mean of the three.</summary>
    private static float[] MeanStates(
        TeacherModel teacher, List<int> pieces, int? threads, IProgress<StudentProgress>? progress, CancellationToken cancellationToken)
    {
        var width = teacher.Configuration.HiddenSize;
        var rows = new float[(long)pieces.Count * width];
        using var model = ModelLoader.Load(
            teacher.Folder, ModelHead.None, new EngineOptions { Threads = threads }, cancellationToken: cancellationToken);
        using var session = model.CreateSession([OutputNames.LastHiddenState]);
        var batch = new PackedBatch();
        for (var done = 0; done < pieces.Count; done += batch.TextCount)
        {
            batch.Clear();
            while (batch.TokenCount < BatchTokens && done + batch.TextCount < pieces.Count)
                batch.Add([teacher.Tokenizer.ClsTokenId, pieces[done + batch.TextCount], teacher.Tokenizer.SepTokenId]);
            session.Run(batch, cancellationToken);
            var states = session.GetOutput(OutputNames.LastHiddenState);
            for (var text = 0; text < batch.TextCount; text++)
            {
                var state = states.Slice(3 * text * width, 3 * width);
                var row = rows.AsSpan((done + text) * width, width);
                for (var i = 0; i < width; i++) row[i] = (state[i] + state[i + width] + state[i + (2 * width)]) / 3;
            }

            progress?.Report(new StudentProgress(done + batch.TextCount, pieces.Count));
        }

        return rows;
    }

    [GeneratedRegex(@"^\[unused\d+\]")]
    private static partial Regex Unused();
}
