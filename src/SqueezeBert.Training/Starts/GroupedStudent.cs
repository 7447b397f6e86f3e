using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Training.Starts.Fitting;

namespace SqueezeBert.Training.Starts;

/// <summary>A SqueezeBERT of a BERT: tables, norms, pooler and head are copied, dense projections too, grouped ones are fitted.</summary>
internal static class GroupedStudent
{
    /// <summary>The configuration of the student.</summary>
    /// <exception cref="ArgumentException">A number of groups does not divide the teacher's channels.</exception>
    /// <exception cref="SqueezeBert.Checkpoints.UnsupportedModelException">The teacher is not a BERT.</exception>
    public static SqueezeBertConfiguration Configure(TeacherModel teacher, int layers, StudentGroups groups)
    {
        if (teacher.Configuration is not BertConfiguration from)
        {
            throw new UnsupportedModelException(
                $"a student with groups needs a teacher of the model type 'bert', not '{teacher.Configuration.ModelType}'");
        }

        if (from.PrunedHeads.Count > 0)
            throw new UnsupportedModelException("a student with groups needs a teacher with all of its heads; this one's are pruned");
        Check("attention", groups.Attention, ("hidden_size", from.HiddenSize));
        Check("attention output", groups.AttentionOutput, ("hidden_size", from.HiddenSize));
        Check("feed-forward", groups.FeedForward, ("hidden_size", from.HiddenSize), ("intermediate_size", from.IntermediateSize));
        var student = new SqueezeBertConfiguration
        {
            VocabularySize = from.VocabularySize,
            HiddenSize = from.HiddenSize,
            EmbeddingSize = from.HiddenSize,
            LayerCount = layers,
            HeadCount = from.HeadCount,
            IntermediateSize = from.IntermediateSize,
            HiddenActivation = from.HiddenActivation,
            HiddenDropout = from.HiddenDropout,
            AttentionDropout = from.AttentionDropout,
            MaxPositionEmbeddings = from.MaxPositionEmbeddings,
            TypeVocabularySize = from.TypeVocabularySize,
            LayerNormEpsilon = from.LayerNormEpsilon,
            InitializerRange = from.InitializerRange,
            PadTokenId = from.PadTokenId,
            TieWordEmbeddings = from.TieWordEmbeddings,
            Labels = from.Labels,
            ProblemType = from.ProblemType,
            QueryGroups = groups.Attention,
            KeyGroups = groups.Attention,
            ValueGroups = groups.Attention,
            PostAttentionGroups = groups.AttentionOutput,
            IntermediateGroups = groups.FeedForward,
            OutputGroups = groups.FeedForward,
        };
        return student with { Architectures = [ModelHeads.ClassName(student, teacher.Head)] };
    }

    /// <summary>The parameters of the student by the names of a bare encoder; grouped projections are zero.</summary>
    public static FittedParameters Copy(TeacherModel teacher, SqueezeBertConfiguration student, LayerSelection selection)
    {
        var parameters = new FittedParameters();
        var names = Names(teacher.Configuration, student, selection);
        foreach (var parameter in ModelGraph.Create(student, teacher.Head, hasPooler: teacher.HasPooler).Parameters)
        {
            var name = WithoutPrefix(parameter.Name, student);
            var from = names.GetValueOrDefault(name, name);
            var isGrouped = parameter.Shape.Count == 3 && parameter.Columns != InputsOf(name, student);
            parameters[name] = isGrouped ? new float[parameter.Length]
                : teacher.Read(from, parameter.Shape.Count == 3 ? new Parameter(from, parameter.Kind, parameter.Rows, parameter.Columns)
                    : parameter);
        }

        return parameters;
    }

    /// <summary>Fits the grouped projections, layer after layer.</summary>
    /// <returns>The relative error of each layer's output.</returns>
    public static IReadOnlyList<double> Fit(FitContext context, LayerSelection selection, IProgress<StudentProgress>? progress)
    {
        var (teacher, width) = (context.Teacher, context.Width);
        var rows = new float[context.Sample.TokenCount * width];
        var encoder = ModelGraph.Create(teacher.Configuration, ModelHead.None, hasPooler: false);
        using (var run = new LayerRun(
            teacher.Configuration, encoder, teacher.Folder.Weights, context.Sample, asRows: false, context.Threads))
        {
            var output = OutputNames.HiddenState(0);
            run.Run([output], (row, session) => session.GetOutput(output).CopyTo(rows.AsSpan(row * width)), context.CancellationToken);
        }

        var fit = new LayerFit(context, rows);
        var errors = new double[selection.Kept.Count];
        var done = 0;
        for (var layer = 0; layer < errors.Length; layer++)
        {
            errors[layer] = fit.Fit(
                layer, selection.Kept[layer], () => progress?.Report(new StudentProgress(++done, errors.Length * LayerFit.Steps)));
        }

        return errors;
    }

    /// <summary>A parameter's name without what stands before those of an encoder that has a head.</summary>
    public static string WithoutPrefix(string name, ModelConfiguration configuration)
    {
        var prefix = ModelGraph.BasePrefix(configuration);
        return name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
    }

    /// <summary>The teacher's names of parameters in the student's layers.</summary>
    private static Dictionary<string, string> Names(ModelConfiguration teacher, ModelConfiguration student, LayerSelection selection)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var layer = 0; layer < selection.Kept.Count; layer++)
        {
            foreach (var (to, from) in LayerNames.Of(student, layer).All.Zip(LayerNames.Of(teacher, selection.Kept[layer]).All))
            {
                names.Add(to + ".weight", from + ".weight");
                names.Add(to + ".bias", from + ".bias");
            }
        }

        return names;
    }

    private static int InputsOf(string name, SqueezeBertConfiguration student) =>
        name.EndsWith(".output.conv1d.weight", StringComparison.Ordinal) ? student.IntermediateSize : student.HiddenSize;

    private static void Check(string projections, int groups, params ReadOnlySpan<(string Name, int Value)> sizes)
    {
        foreach (var (name, value) in sizes)
        {
            if (groups >= 1 && value % groups == 0) continue;
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"{groups} {projections} groups do not divide the teacher's {name}, {value}"));
        }
    }
}
