using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;
using SqueezeBert.Training.Running;

namespace SqueezeBert.Training.Compression;

/// <summary>
/// Trains a pruned model on its part of the data, with the labels and the predictions of the original model. Not thread-safe.
/// </summary>
internal sealed class Healing
{
    private const int BatchSize = 32;

    // Most of what is to be learnt is how the given model answers: labels alone are few.
    private const double TeacherWeight = 0.7;

    private readonly string _model;
    private readonly string _work;
    private readonly StageRecipe _stage;
    private readonly CompressionOptions _options;
    private readonly BertTokenizer _tokenizer;

    /// <param name="model">The original model, which is the teacher.</param>
    /// <param name="work">A folder for temporary files.</param>
    /// <param name="stage">The task and the lengths.</param>
    /// <param name="task">The task.</param>
    /// <param name="data">The examples.</param>
    /// <param name="options">The number of epochs, the learning rate and the seed.</param>
    /// <param name="tokenizer">The tokenizer of the model.</param>
    /// <param name="measure">Computes the predictions of the original model.</param>
    public Healing(
        string model, string work, StageRecipe stage, CompressionTask task, CompressionData data, CompressionOptions options,
        BertTokenizer tokenizer, CandidateMeasure measure)
    {
        (_model, _work, _options, _tokenizer) = (model, work, options, tokenizer);
        var configuration = ModelConfiguration.Load(ModelFolder.FolderOf(model));
        List<double>? numbers = null;
        if (task.Problem == ProblemType.Regression)
        {
            var answers = new List<Classification>();
            measure.Measure(model, data.Learnt, answers, CancellationToken.None);
            numbers = [.. answers.Select(answer => (double)answer.Score)];
        }

        var source = CompressionData.Write(
            Path.Combine(work, "healing.jsonl"), data.Learnt, options.Data.File, task.Problem, task.LabelsOf(configuration, options),
            numbers);
        var hasTeacher = task.Problem == ProblemType.SingleLabelClassification;
        _stage = stage with
        {
            Name = "heal",
            Data = [source],
            Epochs = options.HealEpochs,
            BatchSize = BatchSize,
            LearningRate = options.LearningRate,
            Teacher = hasTeacher ? model : null,
            SoftLabels = hasTeacher ? new SoftLabels { Weight = TeacherWeight } : null,
            Baseline = false,
            CheckpointMinutes = 0,
        };
    }

    /// <summary>Returns the model with trained weights.</summary>
    /// <param name="candidate">The pruned model, which is not changed.</param>
    /// <param name="tell">Receives the completed share.</param>
    /// <param name="cancellationToken">Stops the training after the running step.</param>
    public Candidate Heal(Candidate candidate, Action<double> tell, CancellationToken cancellationToken)
    {
        var (from, output) = (Path.Combine(_work, "pruned"), Path.Combine(_work, "healed"));
        (candidate with { IsInt8 = false }).Save(from, TensorType.Float32, _tokenizer);
        Trainer.Run(
            new Recipe
            {
                File = _model,
                From = from,
                Output = output,
                Precision = TensorType.Float32,
                Seed = _options.Seed,
                Threads = _options.Threads ?? 0,
                Stages = [_stage],
            },
            progress: new Progress(tell), cancellationToken: cancellationToken);
        var tensors = new CarriedTensors(candidate.Configuration);
        using (var healed = ModelFolder.Open(output)) tensors.Read(healed.Tensors);
        Directory.Delete(from, recursive: true);
        Directory.Delete(output, recursive: true);
        return candidate with { Tensors = tensors };
    }

    private sealed class Progress(Action<double> tell) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Event == TrainingEvent.Step) tell(value.Fraction);
        }
    }
}
