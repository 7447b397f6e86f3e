using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Files;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.ModelFolders;
using SqueezeBert.ModelFolders.SentenceTransformers;
using SqueezeBert.Training.Starts;
using SqueezeBert.Training.Starts.Fitting;

namespace SqueezeBert.Training;

/// <summary>
/// Derives a small model from a large one without training. It is a starting point for distillation that already has much of the teacher's
/// knowledge.
/// </summary>
public static class StudentModel
{
    private const int MaxFitTokens = 1_000_000;

    /// <summary>
    /// Writes a student model: config.json, model.safetensors, the tokenizer of the teacher and, for a sentence encoder, its modules.json,
    /// pooling and prompts. The same teacher, options and texts give the same bits for any number of threads.
    /// </summary>
    /// <param name="teacher">The path of a saved model with or without a head. A head is kept.</param>
    /// <param name="folder">The folder to write to, which is created if necessary. It must not contain a model.</param>
    /// <param name="options">What the student keeps. Null keeps everything.</param>
    /// <param name="progress">Receives the progress of a fit, on the calling thread. Null reports nothing.</param>
    /// <param name="cancellationToken">Cancels the call. No model is written then.</param>
    /// <returns>A description of the student.</returns>
    /// <exception cref="ArgumentException">
    /// The teacher has no such layer, a number of groups does not divide its channels, no text to fit on is given, or an option is out of
    /// range.
    /// </exception>
    /// <exception cref="DataFormatException">A file to fit on contains no text.</exception>
    /// <exception cref="InvalidModelFileException">A file of the teacher is missing or damaged, or the folder contains a model.</exception>
    /// <exception cref="SqueezeBert.Checkpoints.UnsupportedModelException">
    /// The head of the teacher is not supported, the teacher is a static embedding model, or the student has groups and the teacher is not
    /// a BERT.
    /// </exception>
    public static StudentReport Create(
        string teacher, string folder, StudentOptions? options = null, IProgress<StudentProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(teacher);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new StudentOptions();
        if (options.Static is not null && (options.KeepLayers is not null || options.Groups is not null))
            throw new ArgumentException("static embeddings have no layers to keep and no projections with groups");
        if (options.Vocabulary is not null && (options.Static is not null || options.Groups is not null))
            throw new ArgumentException("pieces are taken out of an encoder whose weights are copied; make the other student of that one");
        using var source = new TeacherModel(teacher);
        if (options.Static is { } embeddings) return CreateStatic(source, folder, embeddings, options, progress, cancellationToken);
        var output = Path.Combine(folder, source.Sentence.EncoderFolder);
        CheckIsFree(folder);
        CheckIsFree(output);
        var selection = new LayerSelection(options.KeepLayers, source.Configuration.LayerCount);
        var vocabulary = options.Vocabulary is { } trim ? new TrimmedVocabulary(source.Tokenizer, trim, cancellationToken) : null;
        var (report, tensors) = options.Groups is { } groups
            ? Fit(source, selection, groups, options, progress, cancellationToken)
            : Cut(source, selection, vocabulary, cancellationToken);
        source.Sentence.CopyTo(folder);
        ModelFolder.Save(output, report.Configuration, tensors, options.Precision, vocabulary?.Tokenizer ?? source.Tokenizer);
        return report with
        {
            ParameterCount = tensors.Sum(tensor => (long)tensor.Data.Length),
            MultiplyAddsPerToken = ModelGraph.Create(report.Configuration, ModelHead.None, hasPooler: false).Nodes.OfType<LinearNode>()
                .Sum(linear => (long)linear.Weight.Rows * linear.Weight.Columns),
        };
    }

    private static StudentReport CreateStatic(
        TeacherModel source, string folder, StaticEmbeddings embeddings, StudentOptions options, IProgress<StudentProgress>? progress,
        CancellationToken cancellationToken)
    {
        CheckIsFree(folder);
        if (options.Threads is { } threads) ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1, nameof(options.Threads));
        var student = StaticStudent.Configure(source, embeddings);
        var table = StaticStudent.Table(source, student, embeddings, options.Threads, progress, cancellationToken);
        FileProblem.MakeFolder(folder);
        SentenceFilesWriter.WriteModules(
            folder, new SentenceEncoderSettings { ModelPath = folder, IsStatic = true, Normalize = true }, student.HiddenSize);
        ModelFolder.Save(folder, student, [table], options.Precision, source.Tokenizer);
        return new StudentReport(student, []) { ParameterCount = table.Data.Length };
    }

    private static (StudentReport Report, List<NamedTensor> Tensors) Cut(
        TeacherModel source, LayerSelection selection, TrimmedVocabulary? vocabulary, CancellationToken cancellationToken)
    {
        var cut = source.Configuration.WithLayers(selection.Kept);
        var configuration = vocabulary is null ? cut : cut with
        {
            VocabularySize = vocabulary.Size,
            PadTokenId = Math.Max(0, vocabulary.Tokenizer.PadTokenId),
        };
        var tensors = new List<NamedTensor>();
        var whole = ModelGraph.Create(cut, source.Head, hasPooler: source.HasPooler).Parameters;
        var own = ModelGraph.Create(configuration, source.Head, hasPooler: source.HasPooler).Parameters;
        foreach (var (from, parameter) in whole.Zip(own))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = source.Read(selection.TeacherName(parameter.Name), from);
            tensors.Add(new NamedTensor(parameter.Name, parameter.Shape, vocabulary?.Select(values, from, parameter) ?? values));
        }

        return (new StudentReport(configuration, selection.Kept) { TokenGrowth = vocabulary?.Growth }, tensors);
    }

    private static (StudentReport Report, List<NamedTensor> Tensors) Fit(
        TeacherModel source, LayerSelection selection, StudentGroups groups, StudentOptions options, IProgress<StudentProgress>? progress,
        CancellationToken cancellationToken)
    {
        var student = GroupedStudent.Configure(source, selection.Kept.Count, groups);
        CheckFit(groups, options, student.HiddenSize);
        var parameters = GroupedStudent.Copy(source, student, selection);
        var report = new StudentReport(student, selection.Kept);
        if (!groups.AreAllOne)
        {
            var sample = new FitSample(
                options.FitText, options.FitTokens, source.Tokenizer, student.MaxPositionEmbeddings, cancellationToken);
            var context = new FitContext(source, student, parameters, sample, options.Ridge, options.Threads, cancellationToken);
            report = report with
            {
                LayerErrors = GroupedStudent.Fit(context, selection, progress),
                FittedTokens = sample.TokenCount,
            };
        }

        var graph = ModelGraph.Create(student, source.Head, hasPooler: source.HasPooler);
        return (report, [.. graph.Parameters.Select(parameter => new NamedTensor(
            parameter.Name, parameter.Shape, parameters[GroupedStudent.WithoutPrefix(parameter.Name, student)]))]);
    }

    private static void CheckFit(StudentGroups groups, StudentOptions options, int width)
    {
        if (!groups.AreAllOne && options.FitText.Count == 0)
            throw new ArgumentException("projections with groups are fitted on text: name at least one file with one text per line");
        if (options.FitTokens is < 1 or > MaxFitTokens || (long)options.FitTokens * width > Array.MaxLength)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"the tokens to fit on are {options.FitTokens}; 1 to {Math.Min(MaxFitTokens, Array.MaxLength / width)} are possible"));
        }

        if (!(options.Ridge > 0) || !double.IsFinite(options.Ridge))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"the ridge is {options.Ridge}; it must be above 0"));
        if (options.Threads is { } threads) ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1, nameof(options.Threads));
    }

    private static void CheckIsFree(string folder)
    {
        foreach (var name in (string[])[ModelConfiguration.FileName, WeightFiles.Safetensors])
        {
            if (File.Exists(Path.Combine(folder, name)))
                throw new InvalidModelFileException(folder, null, $"has a {name} already; give another folder, or delete it");
        }
    }
}
