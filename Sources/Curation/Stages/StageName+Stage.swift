extension CurationPlan {
  /// The stages that the plan asks for, up to one.
  package func stages(until last: StageName) -> [StageName] {
    (last.before + [last]).filter { $0.stage.isWanted(self) }
  }
}

extension StageName {
  /// What carries the stage out.
  var stage: any Stage.Type {
    switch self {
    case .crawl: CrawlStage.self
    case .index: IndexStage.self
    case .hash: HashStage.self
    case .filter: FilterStage.self
    case .keypoints: KeypointStage.self
    case .embed: EmbedStage.self
    case .probe: ProbeStage.self
    case .duplicates: DuplicatesStage.self
    case .decontaminate: DecontaminateStage.self
    case .retrieve: RetrieveStage.self
    case .balance: BalanceStage.self
    case .apply: ApplyStage.self
    }
  }
}
