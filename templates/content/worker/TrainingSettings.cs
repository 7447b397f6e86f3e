namespace SqueezeBertWorker;

/// <summary>The section "Training" of the configuration.</summary>
public sealed class TrainingSettings
{
    /// <summary>A CSV, TSV or JSON lines file with a text and a label in each row.</summary>
    public string File { get; set; } = "tickets.csv";

    /// <summary>The column of the texts.</summary>
    public string TextColumn { get; set; } = "text";

    /// <summary>The column of the labels.</summary>
    public string LabelColumn { get; set; } = "label";

    /// <summary>The folder that gets a folder for each trained model.</summary>
    public string Output { get; set; } = "models";

    /// <summary>How often each text is seen.</summary>
    public double Epochs { get; set; } = 4;

    /// <summary>Whether the worker stays, and trains again whenever the file changes.</summary>
    public bool Watch { get; set; }
}
