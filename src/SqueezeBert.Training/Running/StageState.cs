using System.Text.Json;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training.Running;

/// <summary>The state of a stage without its tensors, which a checkpoint stores.</summary>
internal sealed class StageState
{
    public string Fingerprint { get; set; } = "";

    /// <summary>Hashes of the run's inputs (<see cref="InputFingerprints"/>); null in checkpoints of earlier versions.</summary>
    public IReadOnlyDictionary<string, string>? Inputs { get; set; }

    public int Stage { get; set; }

    /// <summary>The configuration that the stage began with; null in checkpoints of earlier versions.</summary>
    public ModelConfiguration? Start { get; set; }

    public long Step { get; set; }

    public int Epoch { get; set; }

    /// <summary>Steps of the epoch that are done.</summary>
    public int Position { get; set; }

    public long Tokens { get; set; }

    public double Seconds { get; set; }

    public long OptimizerSteps { get; set; }

    public double? BestScore { get; set; }

    /// <summary>Loss of the best evaluation, which decides between equal scores.</summary>
    public double? BestLoss { get; set; }

    public long LastEvaluation { get; set; } = -1;

    public int EvaluationsSinceBest { get; set; }

    /// <summary>Evaluations so far.</summary>
    public int Evaluations { get; set; }

    /// <summary>The step of the best evaluation.</summary>
    public long BestStep { get; set; }

    /// <summary>The evaluation of the weights that the stage would end with: the best one where the best is kept, else the last.</summary>
    public EvaluationSummary? Evaluation { get; set; }

    /// <summary>Results of the stages before.</summary>
    public List<StageResult> Finished { get; } = [];

    /// <summary>Label names of the stage, in the order of ids.</summary>
    public IReadOnlyList<string> Labels { get; set; } = [];

    public void Write(Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("format", 1);
        json.WriteString("recipe", Fingerprint);
        if (Inputs is not null)
        {
            json.WriteStartObject("inputs");
            foreach (var (field, hash) in Inputs) json.WriteString(field, hash);
            json.WriteEndObject();
        }

        json.WriteNumber("stage", Stage);
        if (Start is not null)
        {
            json.WritePropertyName("start");
            Start.ToJson().WriteTo(json);
        }

        json.WriteNumber("step", Step);
        json.WriteNumber("epoch", Epoch);
        json.WriteNumber("position", Position);
        json.WriteNumber("tokens", Tokens);
        json.WriteNumber("seconds", Seconds);
        json.WriteNumber("optimizer_steps", OptimizerSteps);
        if (BestScore is { } best) json.WriteNumber("best_score", best);
        if (BestLoss is { } lowest) json.WriteNumber("best_loss", lowest);
        json.WriteNumber("last_evaluation", LastEvaluation);
        json.WriteNumber("evaluations_since_best", EvaluationsSinceBest);
        json.WriteNumber("evaluations", Evaluations);
        json.WriteNumber("best_step", BestStep);
        json.WriteStartArray("labels");
        foreach (var label in Labels) json.WriteStringValue(label);
        json.WriteEndArray();
        json.WriteStartObject("evaluation");
        EvaluationFields.Write(json, Evaluation);
        json.WriteEndObject();
        json.WriteStartArray("finished");
        foreach (var stage in Finished)
        {
            json.WriteStartObject();
            json.WriteString("name", stage.Name);
            json.WriteNumber("steps", stage.Steps);
            json.WriteNumber("tokens", stage.Tokens);
            json.WriteNumber("seconds", stage.Time.TotalSeconds);
            json.WriteNumber("kept_step", stage.KeptStep);
            json.WriteNumber("evaluations", stage.Evaluations);
            if (stage.BaselineAccuracy is { } baseline) json.WriteNumber("baseline", baseline);
            if (stage.Overlap is { } overlap) json.WriteNumber("overlap", overlap);
            if (stage.OverlapHead is { } head) json.WriteString("overlap_head", head);
            EvaluationFields.Write(json, stage.Evaluation);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <exception cref="Exception">The JSON is damaged; the caller names the file.</exception>
    public static StageState Read(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        var json = document.RootElement;
        if (json.GetProperty("format").GetInt32() != 1) throw new InvalidDataException("was written by another version");
        var state = new StageState
        {
            Fingerprint = json.GetProperty("recipe").GetString()!,
            Inputs = json.TryGetProperty("inputs", out var inputs)
                ? inputs.EnumerateObject().ToDictionary(input => input.Name, input => input.Value.GetString()!) : null,
            Stage = json.GetProperty("stage").GetInt32(),
            Start = json.TryGetProperty("start", out var start)
                ? ModelConfiguration.Parse(System.Text.Encoding.UTF8.GetBytes(start.GetRawText()), "start") : null,
            Step = json.GetProperty("step").GetInt64(),
            Epoch = json.GetProperty("epoch").GetInt32(),
            Position = json.GetProperty("position").GetInt32(),
            Tokens = json.GetProperty("tokens").GetInt64(),
            Seconds = json.GetProperty("seconds").GetDouble(),
            OptimizerSteps = json.GetProperty("optimizer_steps").GetInt64(),
            BestScore = json.TryGetProperty("best_score", out var best) ? best.GetDouble() : null,
            BestLoss = json.TryGetProperty("best_loss", out var lowest) ? lowest.GetDouble() : null,
            LastEvaluation = json.GetProperty("last_evaluation").GetInt64(),
            EvaluationsSinceBest = json.GetProperty("evaluations_since_best").GetInt32(),
            Evaluations = json.TryGetProperty("evaluations", out var evaluations) ? evaluations.GetInt32() : 0,
            BestStep = json.TryGetProperty("best_step", out var bestStep) ? bestStep.GetInt64() : 0,
            Labels = [.. json.GetProperty("labels").EnumerateArray().Select(label => label.GetString()!)],
            Evaluation = json.TryGetProperty("evaluation", out var last) ? EvaluationFields.Read(last) : null,
        };
        foreach (var stage in json.GetProperty("finished").EnumerateArray())
        {
            state.Finished.Add(new StageResult(
                stage.GetProperty("name").GetString()!,
                stage.GetProperty("steps").GetInt64(),
                stage.GetProperty("tokens").GetInt64(),
                TimeSpan.FromSeconds(stage.GetProperty("seconds").GetDouble()),
                EvaluationFields.Read(stage))
            {
                KeptStep = stage.TryGetProperty("kept_step", out var kept) ? kept.GetInt64() : 0,
                Evaluations = stage.TryGetProperty("evaluations", out var count) ? count.GetInt32() : 0,
                BaselineAccuracy = stage.TryGetProperty("baseline", out var baseline) ? baseline.GetDouble() : null,
                Overlap = stage.TryGetProperty("overlap", out var overlap) ? overlap.GetDouble() : null,
                OverlapHead = stage.TryGetProperty("overlap_head", out var head) ? head.GetString() : null,
            });
        }

        return state;
    }
}
