// The view of Pieces.

import * as vscode from "vscode";
import { labelOf, type Piece, type Pieces } from "./pieces";

export class PieceView implements vscode.TreeDataProvider<Piece> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  query = "";

  constructor(private readonly pieces: () => Pieces | undefined) {}

  refresh(): void {
    this.changed.fire();
  }

  async getChildren(parent?: Piece): Promise<Piece[]> {
    if (parent) return [];
    return [...((await this.pieces()?.find(this.query)) ?? [])];
  }

  getTreeItem(piece: Piece): vscode.TreeItem {
    const { label, description } = labelOf(piece);
    const item = new vscode.TreeItem(label);
    item.id = piece.id;
    item.description = description;
    item.contextValue = "piece";
    item.command = { command: "satchel.openPiece", title: "Show", arguments: [piece] };
    return item;
  }
}
