// An assistant of one's own: trained on a file of intents with examples, then a dialogue. The argument is the folder of an encoder;
// without it the training starts from the sentence encoder in the box.
using SqueezeBert.Assistant;
using SqueezeBert.Models;

var file = Path.Combine(AppContext.BaseDirectory, "home.yml");
var folder = Directory.CreateTempSubdirectory("squeezebert-sample-").FullName;
try
{
    var result = AssistantTrainer.Train(new AssistantTraining
    {
        File = file,
        From = args.Length > 0 ? args[0] : EmbeddingModels.English,
        Output = Path.Combine(folder, "home"),
    });
    Console.WriteLine($"intents {result.IntentAccuracy:P0} right, on {result.Checked} examples that a first training did not have");

    using var assistant = Assistant.Load(result.Output);

    Understanding understood = assistant.Understand("set a timer for twenty minutes");
    Console.WriteLine($"{understood.Outcome}: {understood.Intent} {understood.Confidence:0.00}, in scope {understood.InScope:0.00}");
    foreach (var slot in understood.Slots) Console.WriteLine($"  {slot.Slot}: '{slot.Text}' is {slot.Value?.Text}");

    var state = DialogueState.Start;
    foreach (var text in new[] { "set an alarm", "tomorrow at seven", "no, half past eight", "yes" })
    {
        DialogueTurn turn = assistant.Reply(state, text);
        Console.WriteLine($"> {text}\n{turn.Reply}");
        if (turn.Event == DialogueEvent.Completed) Console.WriteLine($"do: {turn.Intent} at {turn.Slots["time"].Value.Text}");
        state = DialogueState.FromJson(turn.State.ToJson());
    }

    var report = ConversationTests.Run(assistant, Path.Combine(AppContext.BaseDirectory, "home-tests.yml"));
    Console.WriteLine($"{report.PassedTurns} of {report.Turns} turns of the tests as expected");
}
finally
{
    Directory.Delete(folder, recursive: true);
}
